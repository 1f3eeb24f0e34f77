"""Training: events, the trainer, checkpoints, devices, schedules, text generation."""

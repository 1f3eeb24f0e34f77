"""Tasks: how data becomes batches, which head, which loss, which metrics, what a preview is."""

"""The language-modelling task: streams, metrics, baselines, prompts, a whole text."""

import math
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from workbench.data.findings import Cancelled, Watch
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.models.language import LanguageModel
from workbench.tasks.base import PreviewRequest
from workbench.tasks.language_model import LanguageModelTask, prepare_language_model

LINES = ["the cat sat on the mat", "a dog ran to the red barn", "the sun is low and red"]
TEXT = "\n".join(LINES[number % 3] + f" {number}" for number in range(120)) + "\n"

torch.set_num_threads(1)


def never() -> bool:
    return False


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., LanguageModelTask]:
    """Prepare a task on a text, with some fields set; ``codec`` and ``whole`` are passed on."""

    def made(
        text: str = TEXT, codec: object = None, whole: bool = False, **changes: object
    ) -> LanguageModelTask:
        file = tmp_path / "tale.txt"
        file.write_text(text, encoding="utf-8")
        named = {name.replace("__", "."): value for name, value in changes.items()}
        experiment = Experiment().with_values(
            {
                "data.path": str(file), "model.hidden_size": 12, "model.embedding_size": 6,
                "model.num_layers": 1, "training.batch_size": 4, "training.bptt_length": 10,
            } | named
        )  # fmt: skip
        return prepare_language_model(experiment, Watch(), codec, whole)

    return made


def model_of(task: LanguageModelTask) -> LanguageModel:
    return task.build_model(torch.Generator().manual_seed(1)).eval()


def held(task: LanguageModelTask, part: str) -> str:
    start, end = task._spans[part]
    return task._text[start:end]


# ---------------------------------------------------------------------- batches


def test_batches_follow_each_other_in_every_stream(make: Callable) -> None:
    task = make()
    batches = [task.batch("train", 0, index) for index in range(task.batches("train"))]
    inputs = torch.cat([batch.inputs[0] for batch in batches], dim=1)
    targets = torch.cat([batch.targets for batch in batches], dim=1)
    assert inputs.shape[0] == 4
    assert torch.equal(inputs[:, 1:], targets[:, :-1])
    text = held(task, "train")
    length = inputs.shape[1]
    for stream in range(4):
        symbols = [task.vocabulary.symbols[index] for index in inputs[stream].tolist()]
        assert "".join(symbols) == text[stream * length : (stream + 1) * length]
    assert len(text) - 1 - 4 * length < 4, "less than one step of the streams is left out"


def test_the_loss_is_nats_per_symbol_or_summed_over_time(make: Callable) -> None:
    task, summed = make(), make(training__loss_sum_over_time=True)
    batch = task.batch("train", 0, 0)
    with torch.no_grad():
        output, _ = model_of(task)(*batch.inputs)
    chances = torch.log_softmax(output, dim=-1)
    mean = -chances.gather(-1, batch.targets[..., None]).mean()
    assert torch.isclose(task.loss(output, batch.targets), mean)
    assert torch.isclose(summed.loss(output, batch.targets), mean * 10)
    assert summed.reported_loss(float(mean * 10), batch) == pytest.approx(float(mean))


# ---------------------------------------------------------------------- judging


def test_metrics_are_those_of_one_pass_over_the_text(make: Callable) -> None:
    task = make()
    model = model_of(task)
    ids = torch.from_numpy(task.vocabulary.encode(held(task, "validation")))[None].long()
    with torch.no_grad():
        chances = torch.log_softmax(model(ids[:, :-1])[0], dim=-1)[0]
    nats = float(-chances.gather(-1, ids[0, 1:, None]).mean())
    found = task.evaluate(model, "validation", never)
    assert found["nats"] == pytest.approx(nats, rel=1e-5)
    assert found["bits"] == pytest.approx(nats / math.log(2), rel=1e-5)
    assert found["perplexity"] == pytest.approx(math.exp(nats), rel=1e-5)
    right = float((chances.argmax(-1) == ids[0, 1:]).float().mean())
    assert found["accuracy"] == pytest.approx(right)


@pytest.mark.parametrize("splits", [2, 3, 4])
def test_fewer_streams_at_once_change_no_metric(make: Callable, splits: int) -> None:
    task = make(text=TEXT * 30)
    assert task.batch("validation", 0, 0).targets.shape[0] == 4
    model = model_of(task)
    whole = task.evaluate(model, "validation", never)
    assert task.evaluate(model, "validation", never, splits) == pytest.approx(whole, rel=1e-5)


def test_given_up_is_no_metric(make: Callable) -> None:
    task = make()
    assert task.evaluate(model_of(task), "validation", lambda: True) == {}


def test_naive_rules_are_counted_on_the_training_part(make: Callable) -> None:
    task = make()
    train, test = held(task, "train"), held(task, "test")
    counts, pairs = Counter(train), Counter(pairwise(train))
    total = len(train) + task.vocabulary.size  # one more of each symbol

    def single(char: str) -> float:
        return (counts[char] + 1) / total

    def both(before: str, char: str) -> float:
        kinds = sum(1 for one, _ in pairs if one == before)
        followed = sum(number for (one, _), number in pairs.items() if one == before)
        return (pairs[before, char] + kinds * single(char)) / (followed + kinds)

    found = task.baselines("test")
    chances = [math.log(single(char)) for char in test[1:]]
    assert found["symbol frequencies"] == pytest.approx(-sum(chances) / len(chances))
    chances = [math.log(both(*pair)) for pair in pairwise(test)]
    assert found["pairs of symbols"] == pytest.approx(-sum(chances) / len(chances))


def test_a_whole_text_is_one_part(make: Callable) -> None:
    task = make()
    judged = make(text="the red dog sat\n", codec=task.codec_json(), whole=True)
    assert judged.vocabulary.symbols == task.vocabulary.symbols
    assert judged.evaluate(model_of(task), "train", never) == {}
    assert judged.evaluate(model_of(task), "validation", never) == {}
    assert judged.evaluate(model_of(task), "test", never)["nats"] > 0
    assert set(judged.baselines("test")) == {"symbol frequencies"}
    with pytest.raises(UserError, match="The text has 1 symbols"):
        make(text="t", codec=task.codec_json(), whole=True)


# ---------------------------------------------------------------------- reading


@pytest.mark.parametrize("symbols", ["character", "word", "subword"])
def test_a_stop_ends_the_preparation(tmp_path: Path, symbols: str) -> None:
    file = tmp_path / "tale.txt"
    file.write_text(TEXT, encoding="utf-8")
    experiment = Experiment().with_values({"data.path": str(file), "data.text.symbols": symbols})
    asked: list[None] = []

    def later() -> bool:
        asked.append(None)
        return len(asked) > 1  # not while the file is read

    with pytest.raises(Cancelled):
        prepare_language_model(experiment, Watch(cancelled=later))


def test_too_short_says_what_to_do(make: Callable) -> None:
    with pytest.raises(UserError) as caught:
        make(text="abcdefghij", training__batch_size=64)
    assert "batch size 64 needs at least 129" in caught.value.what
    assert "training.batch_size to 3" in caught.value.todo


# ---------------------------------------------------------------------- writing


def test_a_prompt_ends_with_a_whole_word(make: Callable) -> None:
    prompt = make().default_prompt()
    assert 4 < len(prompt) <= 24
    assert prompt.split() == TEXT[TEXT.index(prompt) :].split()[: len(prompt.split())]


def test_words_are_written_apart_from_the_prompt(make: Callable) -> None:
    task = make(data__text__symbols="word")
    request = PreviewRequest(prompt="the red", length=5)
    shown = task.preview(model_of(task), request, torch.Generator().manual_seed(1))
    assert shown.values["prompt"] == "the red "
    assert len(shown.values["symbols"]) == 5
    letters = make().preview(model_of(make()), request, torch.Generator().manual_seed(1))
    assert letters.values["prompt"] == "the red"


def test_what_the_vocabulary_never_saw_is_known(make: Callable) -> None:
    assert make().vocabulary.unseen("the Żar, Ż") == ("Ż", ",")
    assert make(data__text__symbols="word").vocabulary.unseen("the frog frog sat") == ("frog",)
    assert make(data__text__symbols="subword").vocabulary.unseen("Żaba") == ()

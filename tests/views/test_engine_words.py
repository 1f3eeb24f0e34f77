"""What the layers below the window say goes through Qt's translation."""

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator

from tests import translations
from workbench.app.messages import Message
from workbench.engine.control import Control
from workbench.engine.events import EpochDone
from workbench.engine.verdict import judge
from workbench.errors import UserError
from workbench.views.engine_words import said, templates
from workbench.views.messages import MessageBar

GERMAN = {
    "English": "Deutsch",
    "Still improving: validation {0} {1}{2}{3}.": "Wird noch besser: Validierung {0} {1}{2}{3}.",
    ", {0} % better than the epoch before": ", {0} % besser als die Epoche davor",
    "{0} is {1}; it must be {2}.": "{0} ist {1}; erlaubt ist {2}.",
    "at least {0} and below {1}": "mindestens {0} und unter {1}",
    "Choose a value in that range.": "Bitte einen Wert in diesem Bereich eingeben.",
}


class German(QTranslator):
    """A translation made by hand."""

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, context: str, source: str, _disambiguation: str = "", _n: int = -1
    ) -> str | None:
        return GERMAN.get(source) if context == "Engine" else None


@pytest.fixture
def german(qapp: QCoreApplication) -> Iterator[None]:
    translator = German()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def verdict() -> str:
    epochs = [
        EpochDone(
            "r", n, 0.0, epoch=n, train_loss=value, metrics={"nats": value}, metric="nats",
            best=value, best_epoch=n, is_best=True,
        )
        for n, value in ((1, 2.0), (2, 1.5))
    ]  # fmt: skip
    return judge(epochs, {}, []).message


def refusal() -> UserError:
    with pytest.raises(UserError) as caught:
        Control().set_value("model.dropout", 2)
    return caught.value


def test_english_stays_as_it_is(qapp: QCoreApplication) -> None:
    assert said(verdict()) == verdict()
    assert said("") == ""


@pytest.mark.usefixtures("german")
def test_sentences_with_values_are_translated() -> None:
    assert said(verdict()) == (
        "Wird noch besser: Validierung nats 1.5, 25.0 % besser als die Epoche davor."
    )
    assert said(refusal().todo) == GERMAN["Choose a value in that range."]
    assert said(refusal().what).startswith("model.dropout ist 2; erlaubt ist ")
    assert said("a column called so") == "a column called so", "what nobody translated stays"


@pytest.mark.usefixtures("german")
def test_messages_of_the_window_are_translated(qtbot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    error = refusal()
    bar.show_message(Message("error", error.what, error.todo))
    assert bar.what.text().startswith("model.dropout ist 2")
    assert bar.todo.text() == GERMAN["Choose a value in that range."]


def test_every_template_is_offered_to_translators(tmp_path) -> None:
    file = tmp_path / "engine.ts"
    assert translations.main(file) == 0
    sources = [node.text for node in ElementTree.parse(file).iter("source")]
    assert sources == list(templates())
    for text in GERMAN:
        assert text in sources or text == "at least {0} and below {1}"

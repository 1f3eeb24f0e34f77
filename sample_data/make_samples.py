"""Make the sample files: ``python sample_data/make_samples.py [FOLDER]``, the same bytes always."""

import random
import sys
from datetime import date, datetime, timedelta
from math import pi, sin
from pathlib import Path

PEOPLE = ["Mira", "Old Tam", "the miller", "Edda", "Jonas", "the ferryman", "Aunt Brill", "Pell"]
PLACES = ["the harbour", "the mill", "the long bridge", "the square", "the lighthouse", "the inn"]
THINGS = [
    "a lantern", "a brass key", "a letter", "a loaf of bread", "a blue coat", "a map", "a clock",
]  # fmt: skip
WEATHER = [
    "Rain fell on", "Fog lay over", "The sun stood above", "Snow covered", "A wind came across",
]  # fmt: skip
MOVES = ["walked to", "ran to", "came back from", "waited at", "looked towards", "slept near"]
FINDS = ["carried", "had lost", "was looking for", "had found", "wanted to sell", "hid"]
SAYS = ["said", "asked", "whispered", "answered", "shouted"]
LINES = [
    "Have you seen {thing}?", "I left {thing} at {place}.", "Nobody goes to {place} at night.",
    "It is {number} miles to {place}.", "Take {thing} and do not look back.",
    "I would not trade {thing} for {number} coins.", "Ask {person}; I was not there.",
    "We shall meet at {place} when the bell rings {number} times.",
]  # fmt: skip
ASIDES = [
    "as always", "so they say", "it was the {number}th day", "{person} told me", "in those years",
]  # fmt: skip
WIDTH = 72


def fill(chance: random.Random, pattern: str) -> str:
    """Put people, places, things and numbers into a pattern."""
    return pattern.format(
        thing=chance.choice(THINGS), place=chance.choice(PLACES), person=chance.choice(PEOPLE),
        number=chance.randint(2, 40),
    )  # fmt: skip


def sentence(chance: random.Random) -> str:
    """One sentence: weather, a move, a find or something said, at times with an aside."""
    kind = chance.random()
    person, aside = chance.choice(PEOPLE), ""
    if chance.random() < 0.15:
        aside = f" ({fill(chance, chance.choice(ASIDES))})"
    if kind < 0.15:
        return f"{chance.choice(WEATHER)} {chance.choice(PLACES)}{aside}."
    if kind < 0.4:
        text = f"{person} {chance.choice(MOVES)} {chance.choice(PLACES)}{aside}."
    elif kind < 0.6:
        text = f"{person} {chance.choice(FINDS)} {chance.choice(THINGS)}{aside}."
    else:
        said = fill(chance, chance.choice(LINES))
        if chance.random() < 0.5:
            return f'"{said}" {chance.choice(SAYS)} {person}{aside}.'
        text = f'{person} {chance.choice(SAYS)}{aside}: "{said}"'
    return text[0].upper() + text[1:]


def wrapped(words: list[str]) -> str:
    """Lines of at most ``WIDTH`` characters."""
    lines, line = [], ""
    for word in words:
        if line and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def tales(chance: random.Random, size: int) -> str:
    """Chapters of short paragraphs, until there are ``size`` characters."""
    parts: list[str] = []
    chapter = 0
    while sum(map(len, parts)) < size:
        chapter += 1
        parts.append(f"CHAPTER {chapter}\n\n")
        for _ in range(chance.randint(5, 9)):
            words = " ".join(sentence(chance) for _ in range(chance.randint(3, 7))).split()
            parts.append(wrapped(words) + "\n\n")
    return "".join(parts)


def energy(chance: random.Random) -> str:
    """Clean: hourly load, temperature and price of a made-up town over 200 days."""
    rows = ["time,load_MW,temperature_C,price_EUR"]
    drift = 0.0
    for hour in range(200 * 24):
        moment = datetime(2023, 1, 1) + timedelta(hours=hour)
        drift = 0.98 * drift + chance.gauss(0, 0.4)
        warm = 9 + 8 * sin((hour / 24 - 100) * 2 * pi / 365) + 4 * sin((hour - 9) * pi / 12) + drift
        work = 6 if moment.weekday() < 5 else 0
        load = 40 + work - 0.6 * warm + 9 * sin((hour - 8) * pi / 12) + 3 * sin((hour - 5) * pi / 6)
        load += chance.gauss(0, 0.8)
        price = 30 + 1.1 * (load - 40) + chance.gauss(0, 2)
        rows.append(f"{moment:%Y-%m-%d %H:%M},{load:.2f},{warm:.1f},{price:.2f}")
    return "\n".join(rows) + "\n"


def visitors(chance: random.Random) -> str:
    """Seasonal with gaps: daily visitors of a made-up museum over three years."""
    rows = ["date,visitors,school_holiday"]
    for day in range(3 * 365):
        moment = date(2021, 1, 1) + timedelta(days=day)
        if chance.random() < 0.012 or 400 <= day < 409:
            continue
        holiday = int(moment.month in (7, 8) or (moment.month, moment.day) > (12, 22))
        week = [0.6, 0.7, 0.8, 0.8, 1.0, 1.7, 1.5][moment.weekday()]
        level = 320 * week * (1 + 0.35 * sin((day - 80) * 2 * pi / 365)) * (1 + 0.4 * holiday)
        count = max(0, round(level + chance.gauss(0, 25)))
        rows.append(f"{moment},{'' if chance.random() < 0.01 else count},{holiday}")
        if chance.random() < 0.006:
            rows.append(f"{moment},{count + chance.randint(-5, 5)},{holiday}")
    return "\n".join(rows) + "\n"


def water(chance: random.Random) -> str:
    """Messy: weekly water levels, newest first, with German numbers and dates."""
    rows = ["Messstelle Grüntal;exportiert 02.01.2024", "Datum;Pegel (cm);Durchfluss (m³/h)"]
    body = []
    for week in range(300):
        moment = date(2018, 1, 1) + timedelta(weeks=week)
        level = 180 + 45 * sin((week - 10) * 2 * pi / 52) + chance.gauss(0, 9)
        flow = 1000 + 12.5 * level + chance.gauss(0, 40)
        grouped = f"{flow:,.1f}".translate(str.maketrans(",.", ".,"))
        shown = "-200" if chance.random() < 0.02 else f"{level:.1f}".replace(".", ",")
        body.append(f"{moment:%d.%m.%Y};{shown};{grouped}")
    return "\r\n".join(rows + body[::-1]) + "\r\n"


def main() -> None:
    """Write all samples."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    seeded = random.Random
    (folder / "harbour_tales.txt").write_bytes(tales(seeded(1), 160_000).encode())
    (folder / "town_energy.csv").write_bytes(energy(seeded(2)).encode())
    (folder / "museum_visitors.csv").write_bytes(visitors(seeded(3)).encode())
    (folder / "water_levels.csv").write_bytes(water(seeded(4)).encode("latin-1"))


if __name__ == "__main__":
    main()

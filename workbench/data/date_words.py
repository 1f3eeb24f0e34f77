"""Names of months, weekdays and parts of a date in the languages files are written in."""

import re

import pandas as pd

_MONTHS = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
    "february feb februar février févr fév febrero febbraio fevereiro fev februari",
    "march mar mär märz mars marzo março mrt maart mrz",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug août aou aoû agosto ago augustus",
    "september sep sept septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro december",
)
_WEEKDAYS = (
    "monday mon montag mo lundi lun lunes tuesday tue tues dienstag di mardi martes "
    "wednesday wed mittwoch mi mercredi mer miércoles mié thursday thu thur thurs donnerstag do "
    "jeudi jeu jueves jue friday fri freitag fr vendredi ven viernes vie saturday sat samstag sa "
    "sonnabend samedi sam sábado sáb sunday sun sonntag so dimanche dim domingo dom"
)
_FILLERS = "de du le la of den the uhr um à at"

PARTS = ("year", "month", "day", "hour", "minute", "second")
_PART_NAMES = {
    "year": "year yr yyyy jahr année annee an año anno ano jaar 年",
    "month": "month mon mm monat mois mes mese mês maand 月",
    "day": "day dd mday dayofmonth day_of_month tag jour día dia giorno dag 日",
    "hour": "hour hr hh std stunde heure hora ora uur 时 時",
    "minute": "minute min minuten minuto",
    "second": "second sec sekunde seconde segundo secondo",
}
_DATE_NAMES = (
    "date datetime time timestamp ts day week month year period datum zeit zeitpunkt zeitstempel "
    "tag woche monat jahr dato fecha hora data ora jour heure mois année annee an date_time "
    "date/time unix epoch unixtime unix_time ds 日期 时间 時間 日付 날짜 дата время"
)
DATE_NAMES = frozenset(_DATE_NAMES.split())

_MONTH_OF = {name: f"{number:02d}" for number, row in enumerate(_MONTHS, 1) for name in row.split()}
_DROPPED = frozenset(f"{_WEEKDAYS} {_FILLERS}".split())
_WORD = re.compile(r"[^\W\d_]+\.?", re.UNICODE)
_KEPT = frozenset({"t", "z", "am", "pm", "a.m", "p.m", "utc", "gmt"})


def month_number(word: str) -> str:
    """Two digits for the name of a month in any known language, else empty."""
    return _MONTH_OF.get(word.casefold().rstrip("."), "")


def is_date_name(name: str) -> bool:
    """Whether a column's name says that it holds dates."""
    words = re.split(r"[\s_()\[\]/.-]+", name.strip().casefold())
    return name.strip().casefold() in DATE_NAMES or any(word in DATE_NAMES for word in words)


def name_of_part(name: str) -> str:
    """``year``, ``month``, ``day`` … where a column's name is that of a part of a date."""
    plain = name.strip().casefold()
    for part, names in _PART_NAMES.items():
        if plain in names.split():
            return part
    return ""


def has_names(text: str) -> bool:
    """Whether a date is written with the name of a month."""
    return any(month_number(word) for word in _WORD.findall(text))


def place_of_name(text: str) -> int:
    """Which of day, month and year, from 0, is written with the name of a month."""
    words = re.findall(r"[^\W\d_]+\.?|\d+", text)
    kept = [word for word in words if word.isdecimal() or month_number(word)]
    return next((place for place, word in enumerate(kept) if month_number(word)), 0)


def numbers_for_names(cells: pd.Series) -> pd.Series:
    """Dates with the names of months as two digits, and without those of weekdays."""
    plain = cells.str.replace(_WORD, _number_for_name, regex=True)
    plain = plain.str.replace(r"(?<=\d)(?:st|nd|rd|th|er|º|ª)\b", "", regex=True)
    plain = plain.str.replace(r"\s+", " ", regex=True)
    return plain.str.strip(" ,")


def _number_for_name(match: re.Match[str]) -> str:
    word = match.group()
    plain = word.casefold().rstrip(".")
    if plain in _KEPT:
        return word
    return _MONTH_OF.get(plain) or ("" if plain in _DROPPED else word)

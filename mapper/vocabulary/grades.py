"""Grades of a source and of an information, judged apart from each other (the Admiralty code)."""

from __future__ import annotations

from mapper.vocabulary.text import N_

SOURCE = "Admiralty code, as in NATO STANAG 2511"

SOURCE_GRADES: dict[str, str] = {
    "A": N_("Completely reliable"),
    "B": N_("Usually reliable"),
    "C": N_("Fairly reliable"),
    "D": N_("Not usually reliable"),
    "E": N_("Unreliable"),
    "F": N_("Reliability cannot be judged"),
}
INFORMATION_GRADES: dict[str, str] = {
    "1": N_("Confirmed by other sources"),
    "2": N_("Probably true"),
    "3": N_("Possibly true"),
    "4": N_("Doubtful"),
    "5": N_("Improbable"),
    "6": N_("Truth cannot be judged"),
}
UNJUDGED = ("F", "6")  # a new anonymous source, before anybody has looked

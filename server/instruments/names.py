"""What things in an instrument may be called, and what they may not."""

import re

INSTRUMENT = re.compile(r"[a-z][a-z0-9-]{0,39}")
QUESTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
CHOICE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")  # as in BCP 47: pt, pt-BR

INSTRUMENT_MEANING = "an id begins with a-z and goes on with a-z, 0-9 or -, at most 40 in all"
QUESTION_MEANING = "a name begins with a-z and goes on with a-z, 0-9 or _, at most 40 in all"
CHOICE_MEANING = "a choice's name is made of a-z, 0-9 and _, at most 40 in all; what people read is its label"
LANGUAGE_MEANING = "a language is a code such as en, es or pt-BR"

# Answers become columns of imports, layers and releases beside these, which are there already; `meta` is
# what forms on phones call their own part.
RESERVED = frozenset(
    """
    accuracy_m adjusted age_band answered_at answers area_km2 audited_share auditor auditors auditors_min
    audits audits_min below_standard campaign causes cell cells city class comment consent cost currency
    daypart deficit device disability effect exposure fid flags from gender geom geometry gi_bin gi_p gi_q
    gi_z group h3 h3_cell id instrument kind last_audit lat latitude lng location lon longitude meta mode n
    n_eff name near needs observed_at ogc_fid owner p photo practice probability profile quarter rank
    rank_high rank_low receipt rejected resolution rowid run score score_common score_high score_low score_raw
    score_women set since status targets to trend used version
    """.split()  # noqa: SIM905 - ninety quoted words would be harder to read
)
RESERVED_ENDINGS = ("_high", "_low", "_mean", "_share")


def taken(name: str) -> str | None:
    """Return why `name` cannot name a question, None where it can."""
    if name in RESERVED:
        return f"{name!r} is the name of a fixed column of imports, layers or releases"
    for ending in RESERVED_ENDINGS:
        if name.endswith(ending):
            return f"{name!r} ends in {ending!r}, which layers add to names of ratings"
    return None

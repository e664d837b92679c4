"""What the access matrix needs of the pages about people: good answers to their forms, and what is not for Maya to do."""

# What Maya cannot do here: it is about links over herself, of which there are none, and about an offer that nobody made.
NOT_HERS = tuple(f"people.{word}" for word in ("ask_to_end", "end", "ask_to_agree", "agree", "ask_to_disagree", "disagree")) + tuple(
    f"people.{word}" for word in ("ask_to_narrow", "narrow", "ask_to_renew", "renew", "offer", "accept")
)
ABOUT_PEOPLE = {
    "name": "Kim Berg",
    "born_on": "2019-01-01",
    "relationship": "aunt",
    "basis": "legal_guardian",
    "evidence": "A paper",
    "email": "somebody@example.org",
    "until": "2027-06-01",
}

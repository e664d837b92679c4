"""A process that writes rows and says so after each commit; run as `python -m tests.storage.writer URL NAME COUNT`."""

import sys
from datetime import date
from uuid import NAMESPACE_OID, uuid5

from portal.storage.engine import begin_write, open_engine, sessions
from portal.storage.people import Patient
from tests.clinic import key


def write(url: str, name: str, count: int) -> None:
    """Store patients one by one, and print the id of each once it is acknowledged."""
    factory = sessions(open_engine(url))
    for number in range(count):
        patient_id = uuid5(NAMESPACE_OID, f"{name}/{number}")
        with factory() as session:
            begin_write(session)
            session.add(
                Patient(
                    id=patient_id,
                    account_id=key("account", "riverside"),
                    given_name=name,
                    family_name="Berg",
                    born_on=date(2000, 1, 1),
                    time_zone=None,
                )
            )
            session.commit()
        sys.stdout.write(f"{patient_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], int(sys.argv[3]))

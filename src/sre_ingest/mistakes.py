"""What ends a command with one sentence."""


class Mistake(Exception):
    """What whoever runs a command can cause and mend. The message is one sentence for people, with the remedy.

    Anything else that is raised is a defect, and shows its traceback.
    """

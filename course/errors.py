"""The error that is for a person to read."""


class CourseError(Exception):
    """Something that the user can mend: the message is one sentence that says what is wrong and what to do.

    The command line prints it alone and exits with 1. Any other exception is a bug of ours.
    """

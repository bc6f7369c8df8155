"""What a student handed in, looked at before anything of it runs: found (`find`), and repaired where nothing has to be guessed
(`repair`). What cannot be graded is refused, with one sentence for the student.
"""

"""nbgrader as it comes, on this course's notebooks: what the engine is compared with."""

c = get_config()  # noqa: F821  (traitlets puts it there)
c.CourseDirectory.course_id = "flax-nnx-state"
c.Execute.timeout = 300

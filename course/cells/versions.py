"""Say which versions this notebook runs on, and what to do where they are too old."""

from importlib.metadata import PackageNotFoundError, version

NEEDED = {"jax": "0.7.2", "flax": "0.11.2", "optax": "0.2.5", "matplotlib": "3.10"}


def check_versions() -> None:
    """Print the installed version of each package that this notebook needs.

    Raises
    ------
    ImportError
        Naming each package that is missing or too old, with the line that installs it.
    """

    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(".")[:3] if part.isdigit()]

    found, wrong = {}, []
    for name, needed in NEEDED.items():
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if numbers(found[name]) < numbers(needed):
            wrong.append(f"{name} is {found[name]}, and {needed} or newer is needed")
    if wrong:
        # jax and flax belong together: a new flax does not import on an old jax.
        wanted = " ".join(f'"{name}>={needed}"' for name, needed in NEEDED.items())
        raise ImportError(f"{'; '.join(wrong)}. Run  pip install {wanted}  and restart the kernel.")
    print("Ready:", ", ".join(f"{name} {number}" for name, number in found.items()))

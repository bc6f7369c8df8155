"""Say which versions this notebook runs on, and what to do where they are too old."""

import sys
from importlib.metadata import PackageNotFoundError, version

NEEDED = {"jax": "0.7.2", "flax": "0.11.2", "optax": "0.2.5", "matplotlib": "3.10"}
# What lets jax use a GPU or a TPU has to be of jax's own version: these come with it.
ACCELERATORS = {"jax-cuda12-plugin": "jax[cuda12]", "jax-cuda13-plugin": "jax[cuda13]", "libtpu": "jax[tpu]"}


def check_versions() -> None:
    """Print what this notebook needs and what is installed. It installs nothing.

    Raises
    ------
    ImportError
        Naming each package that is missing or too old, with what to do.
    """

    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(".")[:3] if part.isdigit()]

    def installed(name: str) -> str | None:
        try:
            return version(name)
        except PackageNotFoundError:
            return None

    print("Needed:", ", ".join(f"{name} {needed}" for name, needed in NEEDED.items()), "or newer")
    found = {name: installed(name) for name in NEEDED}
    wrong = {name: needed for name, needed in NEEDED.items() if found[name] is None or numbers(found[name]) < numbers(needed)}
    if wrong:
        states = [
            f"{name} is {found[name]}, and {needed} or newer is needed" if found[name] else f"{name} is missing"
            for name, needed in wrong.items()
        ]
        if "google.colab" in sys.modules and {"jax", "flax"} & set(wrong):
            advice = "Choose Runtime > Change runtime type > Runtime version > Latest, and run this again."
        else:
            # jax and flax belong together: a new flax does not import on an old jax.
            jax = next((extra for plugin, extra in ACCELERATORS.items() if installed(plugin)), "jax")
            wanted = " ".join(f'"{jax if name == "jax" else name}>={needed}"' for name, needed in NEEDED.items())
            advice = f"Run  pip install {wanted}  and restart the kernel."
        raise ImportError(f"{'; '.join(states)}. {advice}")
    print("Ready: ", ", ".join(f"{name} {number}" for name, number in found.items()))

"""Copies the compiled NHS.UK frontend from an unpacked npm package into static/nhsuk, once per release.

    npm pack nhsuk-frontend@10.6.1 && tar xzf nhsuk-frontend-10.6.1.tgz
    python -m mscc.local.vendor_nhsuk package

Leaves out files that may not or need not be served: the Frutiger font faces (a bought licence, fetched from
an outside host), source maps, and the Open Graph image. Addresses of images become relative.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2] / "static" / "nhsuk"


def main(package: Path) -> None:
    """Replace the files in static/nhsuk with those of the unpacked package, and write their SHA-256 sums."""
    dist = package / "dist" / "nhsuk"
    css = (dist / "nhsuk-frontend.min.css").read_text()
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("/assets/images/", "images/")
    css = re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", css)
    js = re.sub(r"//# sourceMappingURL=.*", "", (dist / "nhsuk-frontend.min.js").read_text())
    (HERE / "nhsuk-frontend.min.css").write_text(css)
    (HERE / "nhsuk-frontend.min.js").write_text(js)
    shutil.rmtree(HERE / "images", ignore_errors=True)
    shutil.copytree(dist / "assets" / "images", HERE / "images", ignore=shutil.ignore_patterns("*opengraph*"))
    files = [
        path for path in sorted(HERE.rglob("*")) if path.suffix in (".css", ".js", ".svg", ".png", ".ico")
    ]
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(HERE)}" for path in files]
    (HERE / "SHA256SUMS").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

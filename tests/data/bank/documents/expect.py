"""Writes anew what each document must give: run it after a change that is meant, and read the difference line by line."""

import json
from pathlib import Path

from question_bank.formats.documents import read_document

HERE = Path(__file__).parent

if __name__ == "__main__":
    for path in sorted([*HERE.glob("*.docx"), *HERE.glob("*.txt")]):
        if path.name.startswith("second_file_answers"):
            continue
        report = read_document("word" if path.suffix == ".docx" else "text", path, path.name).as_json()
        told = {"file": path.name, "items": report["items"], "problems": report["problems"]}
        text = json.dumps(told, ensure_ascii=False, indent=1)
        (HERE / "expected" / f"{path.stem}.json").write_text(text + "\n", encoding="utf-8")

"""The pages of the question bank: the list, writing, reviewing, importing. Each part has a module of its own."""

from question_bank.enemies import views as enemy_views
from question_bank.items import (
    edit_views,
    export_views,
    import_views,
    list_views,
    mend_views,
    outline_views,
    review_views,
)
from question_bank.items.blueprint import blueprint

__all__ = [
    "blueprint",
    "edit_views",
    "enemy_views",
    "export_views",
    "import_views",
    "list_views",
    "mend_views",
    "outline_views",
    "review_views",
]

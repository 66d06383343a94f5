from django.apps import AppConfig


class SchoolConfig(AppConfig):
    name = "school"

    def ready(self) -> None:
        """A region's own file that cannot be used stops the start, with one line per file."""
        from school.region_files import check_all

        check_all()

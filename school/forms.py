"""What a mentor fills in for a lesson."""

from django import forms


class MoveForm(forms.Form):
    """Another day for a planned lesson."""

    day = forms.DateField(
        label="Dag",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d-%m-%Y"],
        error_messages={"required": "Kies een dag.", "invalid": "Kies een dag."},
    )

"""The screens, each a question that a person has."""

"""The invented people of the demo, and how they are put in the database. Only `seed_demo` imports this."""

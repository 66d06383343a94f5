"""The class and its lessons: only what is about lessons and lists. What a student writes lives in passport."""

"""What lecturers and maintainers run; students never need it."""

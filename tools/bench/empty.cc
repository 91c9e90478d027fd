// The physical limit of a program's start: one that does nothing.
int main() { return 0; }

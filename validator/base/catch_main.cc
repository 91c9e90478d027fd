// The one main() of all Catch2 tests: compiled once, because Catch2's header is large.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

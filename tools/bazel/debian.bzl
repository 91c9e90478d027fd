"""The C++ libraries that come from Debian packages, as one repository with a target for each."""

# target: (header that proves the package is there, Debian package, linker flags)
_LIBRARIES = {
    "catch2": ("catch2/catch.hpp", "catch2", []),
    "cli11": ("CLI/CLI.hpp", "libcli11-dev", []),
    "nlohmann_json": ("nlohmann/json.hpp", "nlohmann-json3-dev", []),
    "libzip": ("zip.h", "libzip-dev", ["-lzip"]),
    "highway": ("hwy/highway.h", "libhwy-dev", ["-lhwy"]),
    "isal": ("isa-l.h", "libisal-dev", ["-lisal"]),
    "openssl_crypto": ("openssl/evp.h", "libssl-dev", ["-lcrypto"]),
}

_TARGET = """
cc_library(
    name = "{name}",
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

def _debian_libraries_impl(repository_ctx):
    missing = []
    targets = []
    for name, (header, package, linkopts) in _LIBRARIES.items():
        if not repository_ctx.path("/usr/include/" + header).exists:
            missing.append(package)
        targets.append(_TARGET.format(name = name, linkopts = repr(linkopts)))
    if missing:
        fail("missing Debian packages: {0}\n = help: run tools/bootstrap, or: apt-get install {0}".format(" ".join(missing)))
    repository_ctx.file("BUILD", "".join(targets))

debian_libraries = repository_rule(
    implementation = _debian_libraries_impl,
    doc = """Makes `@NAME//:catch2`, `:cli11`, `:nlohmann_json`, `:libzip`, `:highway`, `:isal` and `:openssl_crypto`.

The headers lie in /usr/include, which the compiler searches anyway; a target adds what must be linked.
Fails with the names of the Debian packages that are missing.""",
    local = True,
)

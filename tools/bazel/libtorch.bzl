"""LibTorch, taken from the pinned Python wheel: the same build that the converter runs."""

load("//tools/bazel:environment.bzl", "environment_folder")

_BUILD = """
cc_library(
    name = "libtorch",
    srcs = [
        "lib/libc10.so",
        "lib/libgomp.so.1",
        "lib/libtorch.so",
        "lib/libtorch_cpu.so",
    ],
    hdrs = glob(["include/**/*.h", "include/**/*.hpp", "include/**/*.cuh"]),
    includes = [
        "include",
        "include/torch/csrc/api/include",
    ],
    linkopts = [
        "-Wl,--no-as-needed,-rpath,{lib}",
        "-lpthread",
        "-ldl",
    ],
    visibility = ["//visibility:public"],
)
"""

def _libtorch_impl(repository_ctx):
    python = environment_folder(repository_ctx) + "/bin/python"
    asked = repository_ctx.execute([
        python,
        "-c",
        "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])",
    ])
    if asked.return_code != 0:
        fail("the Python environment has no torch\n = help: run tools/bootstrap runtime")
    torch = asked.stdout.strip()
    repository_ctx.symlink(torch + "/include", "include")
    repository_ctx.symlink(torch + "/lib", "lib")
    repository_ctx.file("BUILD", _BUILD.format(lib = torch + "/lib"))

libtorch = repository_rule(
    implementation = _libtorch_impl,
    doc = """Makes `@NAME//:libtorch`: headers and shared libraries of the wheel that tools/bootstrap installed.

A program that links it finds the libraries by an rpath to the environment.""",
    environ = ["TORCHASSAY_CACHE", "XDG_CACHE_HOME", "HOME"],
    local = True,
)

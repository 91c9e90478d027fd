"""The Python that py_test and the converter's actions run under: the environment of tools/bootstrap."""

load("//tools/bazel:environment.bzl", "environment_folder")

_TARGETS = """
py_runtime(
    name = "python3",
    interpreter_path = "{python}",
    python_version = "PY3",
    stub_shebang = "#!/usr/bin/env python3",
    visibility = ["//visibility:public"],
)

py_runtime_pair(
    name = "runtimes",
    py3_runtime = ":python3",
)

toolchain(
    name = "toolchain",
    toolchain = ":runtimes",
    toolchain_type = "@bazel_tools//tools/python:toolchain_type",
    visibility = ["//visibility:public"],
)
"""

def _python_environment_impl(repository_ctx):
    python = environment_folder(repository_ctx) + "/bin/python"
    repository_ctx.file(
        "BUILD",
        'load("@bazel_tools//tools/python:toolchain.bzl", "py_runtime_pair")\n' + _TARGETS.format(python = python),
    )
    repository_ctx.file("defs.bzl", '"""Paths of the Python environment."""\n\nPYTHON = "{}"\n'.format(python))

python_environment = repository_rule(
    implementation = _python_environment_impl,
    doc = """Makes `@NAME//:toolchain`, to be registered for Python, and `PYTHON` in `@NAME//:defs.bzl`.""",
    environ = ["TORCHASSAY_CACHE", "XDG_CACHE_HOME", "HOME"],
    local = True,
)

"""Golden files: a program's output, compared with a file that is checked in."""

load("@bazel_skylib//rules:diff_test.bzl", "diff_test")

def golden_test(name, program, arguments, golden):
    """A test that `program` prints exactly `golden`, and a program that writes it anew.

    `bazel run :NAME.update` replaces the golden file in the source tree; look at the difference before you
    commit it.

    Args:
      name: of the test.
      program: label of an executable that prints to its standard output.
      arguments: list of strings for it.
      golden: label of the file that is checked in.
    """
    native.genrule(
        name = name + "_output",
        testonly = True,
        outs = [name + ".output"],
        cmd = "$(location {}) {} > $@".format(program, " ".join(arguments)),
        tools = [program],
    )
    diff_test(
        name = name,
        size = "small",
        file1 = golden,
        file2 = name + ".output",
    )
    native.sh_binary(
        name = name + ".update",
        testonly = True,
        srcs = ["//tools/bazel:update_golden.sh"],
        args = ["$(rootpath {})".format(name + ".output"), "$(rootpath {})".format(golden)],
        data = [golden, name + ".output"],
        tags = ["manual"],
    )

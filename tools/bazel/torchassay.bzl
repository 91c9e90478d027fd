"""Rules that convert a model in a build and validate it in a test.

    load("@torchassay//tools/bazel:torchassay.bzl", "model_validation_test", "torchscript_bundle")

    torchscript_bundle(
        name = "classifier",
        srcs = ["classifier.py", "layers.py"],
        model = "classifier.py:Classifier",
        inputs_from = "classifier.py:example_inputs",
        inputs = ["x=f32[B:1..8,3,224,224]"],
    )

    model_validation_test(
        name = "classifier_test",
        bundle = ":classifier",
        policy = "release.policy.json",
    )

A bundle is an output like any other: it is made again when a source, a weight, an argument or the converter changes, and its
test runs again when the bundle, the policy or the validator does. Nothing else re-runs either.
"""

load("@python_environment//:defs.bzl", "PYTHON")

_MODES = ["auto", "trace", "script", "hybrid"]

def _location(ctx, reference):
    """Turns `classifier.py:NAME` into the path of that source, where the package has one of that name."""
    file, separator, name = reference.rpartition(":")
    for source in ctx.files.srcs:
        if separator and source.path.endswith("/" + file) or source.path == file:
            return source.path + ":" + name
    return reference

def _torchscript_bundle_impl(ctx):
    bundle = ctx.actions.declare_directory(ctx.label.name + ".assay")
    arguments = ctx.actions.args()
    arguments.add(bundle.path)
    arguments.add(ctx.executable._converter)
    arguments.add(_location(ctx, ctx.attr.model))
    arguments.add("--python", ctx.attr.python or PYTHON)
    arguments.add("--mode", ctx.attr.mode)
    arguments.add("--cases", ctx.attr.cases)
    arguments.add("--seed", ctx.attr.seed)
    arguments.add("--budget", ctx.attr.budget)
    if ctx.attr.method != "forward":
        arguments.add("--method", ctx.attr.method)
    if ctx.attr.kwargs:
        arguments.add("--kwargs", ctx.attr.kwargs)
    if ctx.attr.inputs_from:
        arguments.add("--inputs-from", _location(ctx, ctx.attr.inputs_from))
    if ctx.attr.record_submodules:
        arguments.add("--record-submodules")
    arguments.add_all(ctx.attr.inputs, before_each = "--input")
    inputs = ctx.files.srcs + ctx.files.data
    if ctx.file.weights:
        arguments.add("--weights", ctx.file.weights)
        inputs = inputs + [ctx.file.weights]
    ctx.actions.run(
        executable = ctx.executable._wrapper,
        arguments = [arguments],
        inputs = inputs,
        tools = [ctx.executable._converter],
        outputs = [bundle],
        mnemonic = "TorchScriptBundle",
        progress_message = "Converting %s" % ctx.label,
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([bundle]), runfiles = ctx.runfiles([bundle]))]

torchscript_bundle = rule(
    implementation = _torchscript_bundle_impl,
    doc = """Converts a model and records its references: `NAME.assay`.

A proved divergence does not fail the build: it stands in the bundle, and fails `model_validation_test`. A model that cannot be
converted at all does.""",
    attrs = {
        "srcs": attr.label_list(allow_files = [".py"], doc = "The model's Python sources."),
        "data": attr.label_list(allow_files = True, doc = "Other files that the model reads."),
        "model": attr.string(mandatory = True, doc = "`file.py:NAME`, with a file of `srcs`, or `package.module:NAME`."),
        "kwargs": attr.string(doc = "JSON: keyword arguments of the class or factory."),
        "weights": attr.label(allow_single_file = True, doc = "A state_dict: `.pt`, `.pth` or `.safetensors`."),
        "method": attr.string(default = "forward"),
        "inputs_from": attr.string(doc = "`file.py:FUNC`, which returns forward's arguments."),
        "inputs": attr.string_list(doc = "Input specs, such as `x=f32[B:1..8,3,224,224]`."),
        "mode": attr.string(default = "auto", values = _MODES),
        "cases": attr.int(default = 4, doc = "How many cases are recorded."),
        "seed": attr.int(default = 0),
        "budget": attr.int(default = 20, doc = "Seconds to look for a counterexample."),
        "record_submodules": attr.bool(doc = "Record every submodule's output, for `--localise`."),
        "python": attr.string(doc = "The Python in which the model's packages live; left out: TorchAssay's own."),
        "_converter": attr.label(default = "//converter", executable = True, cfg = "exec"),
        "_wrapper": attr.label(default = "//tools/bazel:convert", executable = True, cfg = "exec"),
    },
)

_TEST = """#!/usr/bin/env bash
# Validates {described}; JUnit goes where Bazel looks for it, the JSON result to the test's outputs.
set -e
{prepare}
export TORCHASSAY_RUNNER=$PWD/{runner}
exec {validator} validate "$bundle" {arguments} \\
  ${{XML_OUTPUT_FILE:+--junit "$XML_OUTPUT_FILE"}} \\
  ${{TEST_UNDECLARED_OUTPUTS_DIR:+--json "$TEST_UNDECLARED_OUTPUTS_DIR/result.json"}} "$@"
"""

# A sandbox is made of links, and the validator follows none that leaves the bundle.
_COPY = """cp -RL {path} "$TEST_TMPDIR"
bundle=$TEST_TMPDIR/{name}"""

# The manifest holds the digest of every other file, and the validator checks those.
_PIN = """bundle={path}
echo {pin} | sha256sum --check --quiet"""

_TEST_ATTRIBUTES = {
    "policy": attr.label(allow_single_file = [".json"], doc = "What passes; see `torchassay policy init`."),
    "baseline": attr.label(allow_single_file = [".json"], doc = "An earlier result: fail only on what got worse."),
    "device": attr.string(default = "cpu"),
    "_runner": attr.label(default = "//tools/bazel:runner", executable = True, cfg = "target"),
    "_validator": attr.label(default = "//tools/bazel:validator", executable = True, cfg = "target"),
}

def _quoted(word):
    return "'" + word.replace("'", "'\\''") + "'"

def _validation_test(ctx, described, prepare, files):
    """Makes the test that validates what the lines `prepare` have put into `$bundle`."""
    arguments = ["--device", ctx.attr.device]
    files = files + [ctx.executable._validator, ctx.executable._runner]
    for flag, file in [("--policy", ctx.file.policy), ("--baseline", ctx.file.baseline)]:
        if file:
            arguments += [flag, file.short_path]
            files.append(file)
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(script, is_executable = True, content = _TEST.format(
        arguments = " ".join([_quoted(argument) for argument in arguments]),
        described = described,
        prepare = prepare,
        runner = _quoted(ctx.executable._runner.short_path),
        validator = _quoted(ctx.executable._validator.short_path),
    ))
    runfiles = ctx.runfiles(files)
    for tool in [ctx.attr._validator, ctx.attr._runner]:
        runfiles = runfiles.merge(tool[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = script, runfiles = runfiles)]

def _bundle_folder(files, label):
    """Where a bundle lies: the one folder that an action made, or the folder of its manifest."""
    if len(files) == 1 and files[0].is_directory:
        return files[0].short_path
    for file in files:
        if file.basename == "manifest.json":
            return file.short_path[:-len("/manifest.json")]
    fail("`{}` holds no manifest.json; a bundle in the source tree is a filegroup of `glob([\"NAME.assay/**\"])`".format(label))

def _model_validation_test_impl(ctx):
    folder = _bundle_folder(ctx.files.bundle, ctx.attr.bundle.label)
    prepare = _COPY.format(name = _quoted(folder.rpartition("/")[2]), path = _quoted(folder))
    return _validation_test(ctx, folder, prepare, ctx.files.bundle)

model_validation_test = rule(
    implementation = _model_validation_test_impl,
    test = True,
    doc = """Runs `torchassay validate` on a bundle.

JUnit XML becomes the test's own, and `result.json` stands in its undeclared outputs.""",
    attrs = dict(
        _TEST_ATTRIBUTES,
        bundle = attr.label(mandatory = True, allow_files = True, doc = "A `torchscript_bundle`, or a filegroup of a bundle's files."),
    ),
)

def _mounted_model_validation_test_impl(ctx):
    pin = "{}  {}/manifest.json".format(ctx.attr.manifest_sha256, ctx.attr.path)
    prepare = _PIN.format(path = _quoted(ctx.attr.path), pin = _quoted(pin))
    return _validation_test(ctx, ctx.attr.path, prepare, [])

mounted_model_validation_test = rule(
    implementation = _mounted_model_validation_test_impl,
    test = True,
    doc = """Runs `torchassay validate` on a bundle that every machine sees at the same path, pinned by a digest.

For models of gigabytes: nothing is hashed by Bazel, uploaded or copied. The test runs again when the digest changes; that the
storage still holds what the digest names is only checked when it runs.""",
    attrs = dict(
        _TEST_ATTRIBUTES,
        manifest_sha256 = attr.string(mandatory = True, doc = "What `sha256sum` says of the bundle's manifest.json."),
        path = attr.string(mandatory = True, doc = "The bundle's folder, absolute."),
    ),
)

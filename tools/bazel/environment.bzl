"""Where the Python environment lies that tools/bootstrap makes."""

def environment_folder(repository_ctx):
    """Asks tools/bootstrap for the folder of its Python environment, and to install it where it is missing.

    Args:
      repository_ctx: the context of the repository rule that asks.

    Returns:
      The absolute path as a string. Fails, with what was printed, where it could not be installed.
    """
    bootstrap = repository_ctx.path(Label("@torchassay//tools:bootstrap"))
    for requirements in ["runtime", "models", "test"]:
        repository_ctx.path(Label("@torchassay//tools:requirements/{}.txt".format(requirements)))
    asked = repository_ctx.execute([bootstrap, "--venv"])
    folder = asked.stdout.strip()
    if not repository_ctx.path(folder + "/bin/python").exists:
        installed = repository_ctx.execute([bootstrap, "runtime"], timeout = 1800)
        if installed.return_code != 0:
            fail("the Python environment could not be installed\n" + installed.stderr)
    return folder

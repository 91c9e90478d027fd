"""Where the Python environment lies that tools/bootstrap makes."""

def environment_folder(repository_ctx):
    """Asks tools/bootstrap for the folder of its Python environment.

    Args:
      repository_ctx: the context of the repository rule that asks.

    Returns:
      The absolute path as a string. Fails, with the command to run, where nothing is installed yet.
    """
    bootstrap = repository_ctx.path(Label("@torchassay//tools:bootstrap"))
    for requirements in ["runtime", "models", "test"]:
        repository_ctx.path(Label("@torchassay//tools:requirements/{}.txt".format(requirements)))
    asked = repository_ctx.execute([bootstrap, "--venv"])
    folder = asked.stdout.strip()
    if asked.return_code != 0 or not repository_ctx.path(folder + "/bin/python").exists:
        fail("the Python environment is not installed yet\n = help: run tools/bootstrap runtime models test")
    return folder

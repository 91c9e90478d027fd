"""Text files built into a program, as string constants of one header."""

_CONSTANT = "printf '\\ninline constexpr std::string_view {constant} = R\"embedded('; cat $(location {label}); echo ')embedded\"; '"

def embed_text(name, constants, visibility = None):
    """Makes the header `NAME.h` and the cc_library NAME that offers it.

    Args:
      name: of the library and its header.
      constants: dict of a label to the name of its `std::string_view` constant in namespace torchassay.
      visibility: of the library.
    """
    commands = [
        _CONSTANT.format(constant = constant, label = label)
        for label, constant in constants.items()
    ]
    native.genrule(
        name = name + "_header",
        srcs = constants.keys(),
        outs = [name + ".h"],
        cmd = "{ echo '// Generated.'; echo '#pragma once'; echo '#include <string_view>'; echo 'namespace torchassay {'; " +
              "; ".join(commands) + "; echo '}  // namespace torchassay'; } > $@",
    )
    native.cc_library(
        name = name,
        hdrs = [name + ".h"],
        visibility = visibility,
    )

#include "validator/cli/convert.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

Status NotInstalled(const std::string& what) {
  return Status(StatusCode::kNotFound, "", what, "start the program through tools/torchassay, which sets it up");
}

// The converter's own package first, the caller's PYTHONPATH kept behind it.
std::string PythonPath(const std::string& folder) {
  const char* before = std::getenv("PYTHONPATH");
  return before == nullptr || *before == '\0' ? folder : folder + ":" + before;
}

}  // namespace

Status ExecConverter(const std::vector<std::string>& arguments, const Surroundings& around) {
  if (around.converter_python.empty() || around.converter_folder.empty()) {
    return NotInstalled(
        "`convert` runs in Python, and nothing says which: TORCHASSAY_TOOL_PYTHON and "
        "TORCHASSAY_CONVERTER are not set");
  }
  std::vector<std::string> words = {around.converter_python, "-m", "torchassay", "convert"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  setenv("PYTHONPATH", PythonPath(around.converter_folder).c_str(), 1);
  execv(pointers.front(), pointers.data());
  return NotInstalled("cannot start " + Quote(around.converter_python) + ": " + std::strerror(errno));
}

}  // namespace torchassay

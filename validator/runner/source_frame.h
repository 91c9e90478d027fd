// Source frames: the lines of Python that led to an operator, and which of them a reader wants to see.

#ifndef VALIDATOR_RUNNER_SOURCE_FRAME_H_
#define VALIDATOR_RUNNER_SOURCE_FRAME_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace torchassay {

struct SourceFrame {
  std::string path;       // as the file recorded it; "code/__torch__/m.py" where only that is known
  int line = 0;           // 0 where unknown
  std::string function;   // "forward"
  std::string statement;  // the source line, trimmed; "" where unknown
};

// A line of a traced stack: `/a/b/conv.py(553): _conv_forward`.
std::optional<SourceFrame> ParseTracedFrame(std::string_view line);

// All lines of a traced stack, the innermost first; none where the text does not begin with one.
std::vector<SourceFrame> ParseTracedStack(std::string_view text);

// A line of a scripted stack: `  File "a/b.py", line 8, in forward`.
std::optional<SourceFrame> ParseScriptedFrame(std::string_view line);

// Index of the innermost frame that is not PyTorch's own; 0 where all are. REQUIRES: frames, the innermost first.
std::size_t AuthorsFrame(std::span<const SourceFrame> innermost_first);

// "conv.py:560": base names, but the whole path within an archive.
std::string FrameText(const SourceFrame& frame);

// The author's frame, and PyTorch's innermost one if that is another: "net.py:9 (in conv.py:560)"; "" for no frames.
std::string PlaceText(std::span<const SourceFrame> innermost_first);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_SOURCE_FRAME_H_

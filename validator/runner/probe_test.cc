// What a model takes, told from its code alone: small methods, each with one thing that matters.

#include "validator/runner/probe.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>

#include "validator/base/strings.h"
#include "validator/runner/generalise.h"
#include "validator/runner/moves.h"
#include "validator/runner/search.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

// A model whose methods are this source; `weight` is f32[4,6], `table` f32[9,4].
Model Scripted(const std::string& source) {
  torch::jit::Module module("M");
  module.register_parameter("weight", at::ones({4, 6}), /*is_buffer=*/false);
  module.register_buffer("table", at::ones({9, 4}));
  module.define(source);
  const char* folder = std::getenv("TEST_TMPDIR");
  const std::string path = std::string(folder != nullptr ? folder : "/tmp") + "/probe_test.pt";
  module.save(path);
  return Model(path, "forward", at::kCPU);
}

// The call `f(x)`, or `f(x, y)`.
Form Call(const Shape& x, const std::optional<Shape>& y = std::nullopt) {
  CallValues call;
  call.args.push_back({TensorRef{.name = "x", .shape = x}});
  if (y) call.args.push_back({TensorRef{.name = "y", .shape = *y}});
  return Form(std::move(call));
}

// "taken", or why not.
std::string Probed(Model& model, const Form& form) {
  const ProbeResult result = Prober(model).Probe(form.call());
  return result.accepted() ? "taken" : result.refusal->code + " " + RefusalText(*result.refusal);
}

// "x=f32[N,6]; y=f32[6]": what is taken in general, from one call that is.
std::string General(Model& model, const Form& form) {
  Prober prober(model);
  ProbeResult result = prober.Probe(form.call());
  REQUIRE(result.accepted());
  std::vector<std::string> texts;
  for (const GeneralTensor& tensor : Generalise(prober, {form, std::move(result)}).tensors) {
    texts.push_back(tensor.path + "=" + PrintValueSpec(tensor.spec));
  }
  return Join(texts, "; ");
}

TEST_CASE("a refusal names the operator, its line and what it needs") {
  Model model = Scripted("def forward(self, x):\n  return torch.linear(x, self.weight)\n");
  CHECK(Probed(model, Call({3, 6})) == "taken");
  CHECK_THAT(Probed(model, Call({3, 5})),
             Catch::StartsWith("TA311 `torch.linear` at ") && Catch::EndsWith(" needs a last dimension of 6, got 5"));
  CHECK_THAT(Probed(model, Call({3, 6}).With(0, DType::kF64, {3, 6})),
             Catch::StartsWith("TA303 `torch.linear`") && Catch::EndsWith("needs f32, as its weight is"));
}

TEST_CASE("both sides of a branch that data decides must work") {
  Model model = Scripted(
      "def forward(self, x):\n"
      "  if bool(x.sum() > 0):\n"
      "    y = x.view(3)\n"
      "  else:\n"
      "    y = x\n"
      "  return y\n");
  CHECK(Probed(model, Call(Shape{3})) == "taken");
  CHECK_THAT(Probed(model, Call(Shape{4})), Catch::StartsWith("TA311 `torch.view`"));
}

TEST_CASE("a side that only raises is there to raise") {
  Model model = Scripted(
      "def forward(self, x):\n"
      "  assert bool(x.sum() > 0), \"not positive\"\n"
      "  return torch.linear(x, self.weight)\n");
  CHECK(Probed(model, Call(Shape{6})) == "taken");
}

TEST_CASE("a branch that the shape decides is followed, and what it raises is a refusal with its line") {
  Model model = Scripted(
      "def forward(self, x):\n"
      "  assert x.dim() == 2, \"expected a matrix\"\n"
      "  return x\n");
  CHECK(Probed(model, Call({2, 2})) == "taken");
  CHECK_THAT(Probed(model, Call(Shape{2})),
             Catch::StartsWith("TA311 the model raises at ") && Catch::EndsWith("expected a matrix"));
}

TEST_CASE("masks are boolean, and attention takes a boolean mask beside floats") {
  Model filled = Scripted("def forward(self, x, y):\n  return x.masked_fill(y, 0.0)\n");
  const Form call = Call({2, 3}, Shape{2, 3});
  CHECK(Probed(filled, call.With(1, DType::kBool, {2, 3})) == "taken");
  CHECK_THAT(Probed(filled, call), Catch::StartsWith("TA303 `torch.masked_fill`"));
  Model chosen = Scripted("def forward(self, x, y):\n  return torch.where(y, x, -x)\n");
  CHECK(Probed(chosen, call.With(1, DType::kBool, {2, 3})) == "taken");
  CHECK_THAT(Probed(chosen, call), Catch::StartsWith("TA303 `torch.where`"));
  Model attends = Scripted("def forward(self, x, y):\n  return torch.scaled_dot_product_attention(x, x, x, y)\n");
  const Form heads = Call({1, 2, 3, 4}, Shape{3, 3});
  CHECK(Probed(attends, heads) == "taken");
  CHECK(Probed(attends, heads.With(1, DType::kBool, {3, 3})) == "taken");
  CHECK_THAT(Probed(attends, heads.With(1, DType::kF32, {3})), Catch::EndsWith("needs at least 2 dimensions, got 1"));
}

TEST_CASE("attention over many steps is tried on few") {
  Model model = Scripted("def forward(self, x, y):\n  return torch.scaled_dot_product_attention(x, y, y)\n");
  const ProbeResult refused = Prober(model).Probe(Call({3, 2, 60'000, 4}, Shape{3, 2, 50'000, 5}).call());
  REQUIRE_FALSE(refused.accepted());
  CHECK(refused.elements < 1000);
  CHECK(Probed(model, Call({3, 2, 60'000, 4}, Shape{3, 2, 50'000, 4})) == "taken");
  // In the given sizes, where these are not too many.
  CHECK_THAT(Probed(model, Call({7, 70, 4}, Shape{9, 80, 4})), Catch::Contains("9"));
}

TEST_CASE("types that the CPU has no kernel for are refused, whatever the sizes") {
  Model model = Scripted("def forward(self, x):\n  return torch.gelu(x)\n");
  CHECK(Probed(model, Call({300, 400})) == "taken");
  CHECK_THAT(Probed(model, Call({300, 400}).With(0, DType::kI64, {300, 400})), Catch::StartsWith("TA303 `torch.gelu`"));
  Model prelu = Scripted("def forward(self, x):\n  return torch.prelu(x, torch.ones(1).to(x.dtype))\n");
  CHECK(Probed(prelu, Call({2, 3})) == "taken");
  CHECK_THAT(Probed(prelu, Call({2, 3}).With(0, DType::kI64, {2, 3})), Catch::StartsWith("TA303 `torch.prelu`"));
}

TEST_CASE("what containers hold is left as it is when types are asked for") {
  Model model = Scripted(
      "def forward(self, x):\n"
      "  kept = {\"x\": x}\n"
      "  kept[\"y\"] = torch.relu(x)\n"
      "  parts = [[x]]\n"
      "  parts.append([kept[\"y\"]])\n"
      "  assert len(parts) == 2, \"appended twice\"\n"
      "  return kept[\"y\"] + parts[1][0] + torch.ones(300, 400)\n");
  CHECK(Probed(model, Call({300, 400})) == "taken");
}

TEST_CASE("what is put at indices must fit into what they select") {
  Model model = Scripted("def forward(self, x, y):\n  return self.table.index_put([x], y)\n");
  const auto put = [](const Shape& values) { return Call(Shape{3}, values).With(0, DType::kI64, {3}); };
  CHECK(Probed(model, put({3, 4})) == "taken");
  CHECK(Probed(model, put({4})) == "taken");
  CHECK_THAT(Probed(model, put({2, 4})), Catch::Contains("do not fit"));
  CHECK_THAT(Probed(model, put({3, 4}).With(1, DType::kF64, {3, 4})), Catch::StartsWith("TA303"));
}

TEST_CASE("constant indices must lie in the dimension that they select from, counted from either end") {
  Model last = Scripted("def forward(self, x):\n  return x.index_select(-1, torch.tensor([0, 3, 5]))\n");
  CHECK(Probed(last, Call({2, 6})) == "taken");
  CHECK(Probed(last, Call({6, 9})) == "taken");
  CHECK_THAT(Probed(last, Call({6, 5})), Catch::Contains("index 5 is out of bounds for dimension 1 with size 5"));
  Model rows = Scripted("def forward(self, x):\n  return x.gather(-2, torch.tensor([[2, 1]]))\n");
  CHECK(Probed(rows, Call({3, 2})) == "taken");
  CHECK_THAT(Probed(rows, Call({2, 2})), Catch::Contains("index 2 is out of bounds for dimension 0 with size 2"));
}

TEST_CASE("a recurrent layer whose states do not fit is refused, not tried out of bounds") {
  Model model = Scripted(
      "def forward(self, x, y):\n"
      "  w = [torch.ones(20, 4), torch.ones(20, 5), torch.ones(20), torch.ones(20)]\n"
      "  a, b, c = torch.lstm(x, [y, y], w, True, 1, 0.0, False, False, False)\n"
      "  return a\n");
  CHECK(Probed(model, Call({3, 2, 4}, Shape{1, 2, 5})) == "taken");
  CHECK_THAT(Probed(model, Call({3, 2, 6}, Shape{1, 2, 5})), Catch::StartsWith("TA311 `torch.lstm`"));
  CHECK_THAT(Probed(model, Call({3, 2, 4}, Shape{1, 2, 7})), Catch::StartsWith("TA311 `torch.lstm`"));
  CHECK_THAT(Probed(model, Call({3, 2, 4}, Shape{2, 5})), Catch::StartsWith("TA311 `torch.lstm`"));
}

TEST_CASE("an operator that minds values is no refusal of shapes") {
  Model model = Scripted(
      "def forward(self, x, y):\n"
      "  a, b = torch._pack_padded_sequence(x, y, True)\n"
      "  return a\n");
  const auto lengths = [](std::int64_t count) { return Call({2, 5, 3}, Shape{count}).With(1, DType::kI64, {count}); };
  CHECK(Probed(model, lengths(2)) == "taken");
  CHECK_THAT(Probed(model, lengths(3)), Catch::StartsWith("TA311 `torch._pack_padded_sequence`"));
}

TEST_CASE("what a probe sets in the module is gone with it") {
  Model model = Scripted(
      "def forward(self, x):\n"
      "  y = torch.linear(x, self.weight)\n"
      "  self.table = y\n"
      "  return self.table.view(4)\n");
  CHECK(Probed(model, Call(Shape{6})) == "taken");
  CHECK(Probed(model, Call(Shape{6})) == "taken");
  CHECK(model.module().attr("table").toTensor().sizes() == at::IntArrayRef({9, 4}));
}

TEST_CASE("a size that fits by accident is told from one that must be so") {
  Model linear = Scripted("def forward(self, x):\n  return torch.linear(x, self.weight)\n");
  CHECK(General(linear, Call({6, 6})) == "x=f32[N,6]");
}

TEST_CASE("sizes that must agree are tied by a name") {
  Model model = Scripted("def forward(self, x, y):\n  return torch.mm(x, y)\n");
  CHECK(General(model, Call({3, 5}, Shape{5, 7})) == "x=f32[*,N]; y=f32[N,*]");
}

TEST_CASE("sizes have steps, smallest and largest ones") {
  Model rows = Scripted("def forward(self, x):\n  return x.view([-1, 4])\n");
  CHECK(General(rows, Call(Shape{8})) == "x=f32[>=4:4]");
  Model window = Scripted("def forward(self, x):\n  return x.unfold(0, 5, 1)\n");
  CHECK(General(window, Call(Shape{16})) == "x=f32[>=5]");
  Model positions = Scripted(
      "def forward(self, x):\n  return torch.embedding(self.table, torch.arange(x.size(0))) + x.unsqueeze(1)\n");
  CHECK(General(positions, Call(Shape{4})) == "x=f32[1..9]");
}

TEST_CASE("a list or dict that something unknown was put into is unknown to everyone") {
  Model list = Scripted(
      "def forward(self, x, y):\n"
      "  sizes: List[int] = []\n"
      "  for i in range(y.size(0)):\n"
      "    sizes.append(int(y[i]))\n"
      "  return torch.split(x, sizes)\n");
  CHECK(Probed(list, Call({6, 2}, Shape{3})) == "taken");
  Model dict = Scripted(
      "def forward(self, x, y):\n"
      "  sizes: Dict[str, int] = {}\n"
      "  sizes['rows'] = int(y[0])\n"
      "  return x.view([sizes['rows'], -1])\n");
  CHECK(Probed(dict, Call({6, 2}, Shape{3})) == "taken");
}

TEST_CASE("where data decides on a branch, a list has what either side makes of it") {
  const auto rows = [](const std::string& made) {
    return Scripted(
        "def forward(self, x, y):\n"
        "  rows = [x]\n"
        "  if bool(y.sum() > 0):\n"
        "    rows.append(x + 1)\n"
        "  else:\n"
        "    rows.append(x - 1)\n"
        "  return torch.cat(rows).view([" +
        made + ", 4])\n");
  };
  Model two = rows("2 * x.size(0)");
  CHECK(Probed(two, Call({3, 4}, Shape{5})) == "taken");
  Model three = rows("3 * x.size(0)");
  CHECK_THAT(Probed(three, Call({3, 4}, Shape{5})), Catch::StartsWith("TA311 `torch.view` at "));
  Model one_side = Scripted(
      "def forward(self, x, y):\n"
      "  rows = [x]\n"
      "  if bool(y.sum() > 0):\n"
      "    rows.append(x)\n"
      "  return torch.cat(rows).view([7, 4])\n");
  CHECK(Probed(one_side, Call({3, 4}, Shape{5})) == "taken");
}

TEST_CASE("a long list that data decides about in a long loop is given up, not copied every time") {
  Model model = Scripted(
      "def forward(self, x, y):\n"
      "  rows: List[int] = []\n"
      "  for i in range(x.size(0)):\n"
      "    if bool(y[0] > i):\n"
      "      rows.append(i)\n"
      "    else:\n"
      "      rows.append(i)\n"
      "  return x.view([len(rows), -1])\n");
  CHECK(Probed(model, Call({100}, Shape{3})) == "taken");
  CHECK(Probed(model, Call({12'000}, Shape{3})) == "taken");
}

TEST_CASE("where data decides how often a loop runs, it decides what the loop puts into a list") {
  for (const std::string loop : {"while bool(y.sum() > len(rows)):", "for i in range(int(y.sum())):"}) {
    INFO(loop);
    Model model = Scripted("def forward(self, x, y):\n  rows = [x]\n  " + loop +
                           "\n    rows.append(x)\n  return torch.cat(rows).view([7, 4])\n");
    CHECK(Probed(model, Call({3, 4}, Shape{5})) == "taken");
  }
  Model goes_on = Scripted(
      "def forward(self, x, y):\n"
      "  rows = [x]\n"
      "  going = True\n"
      "  while going:\n"
      "    rows.append(x)\n"
      "    going = bool(y.sum() > len(rows))\n"
      "  return torch.cat(rows).view([12, 4])\n");
  CHECK(Probed(goes_on, Call({3, 4}, Shape{5})) == "taken");
}

TEST_CASE("how far a refused call came is how many places it saw, however often a loop came by") {
  Model model = Scripted(
      "def forward(self, x, y):\n"
      "  for i in range(x.size(0)):\n"
      "    y = y + 1\n"
      "  return torch.linear(y, self.weight)\n");
  const auto probed = [&](std::int64_t size) { return Prober(model).Probe(Call({size}, Shape{2, 5}).call()); };
  CHECK(probed(2).places == probed(900).places);
  CHECK(probed(2).steps < probed(900).steps);
}

TEST_CASE("a size of zero is described like any other") {
  Model model = Scripted("def forward(self, x):\n  return torch.linear(x, self.weight)\n");
  CHECK(General(model, Call({0, 6})) == "x=f32[N,6]");
}

TEST_CASE("a size of 1 that broadcasts is no step on the way to the whole size") {
  Model model = Scripted("def forward(self, x):\n  return x + self.weight\n");
  Prober prober(model);
  const Form form = Call({4, 1});
  Found found = PreferWholeSizes(prober, {form, prober.Probe(form.call())});
  CHECK(found.form.tensor(0).shape == Shape{4, 6});
  Model rows = Scripted("def forward(self, x):\n  return x + self.table[:3]\n");
  CHECK(General(rows, Call({1, 4})) == "x=f32[1,4]");
}

TEST_CASE("a search finds what the refusals ask for") {
  Model model =
      Scripted("def forward(self, x, y):\n  return torch.embedding(self.table, x) + torch.linear(y, self.weight)\n");
  Prober prober(model);
  const FormFromSchema declared = DeclaredForm(model);
  REQUIRE(declared.form.has_value());
  const Searched searched = SearchAccepted(prober, {UsualForm(*declared.form, DType::kF32, 2)}, {});
  REQUIRE(searched.found.has_value());
  CHECK(searched.found->form.tensor(0).dtype == DType::kI64);
  CHECK(searched.found->form.tensor(1).shape.back() == 6);
}

TEST_CASE("the sizes that the refusing operator has before it are tried first, in the last dimension first") {
  Refusal refusal;
  refusal.numbers = {7, 5};
  const std::vector<Form> moves = ListMoves(Call({2, 3}), refusal, {});
  REQUIRE(moves.size() > 4);
  CHECK(moves[0].tensor(0).shape == Shape{2, 7});
  CHECK(moves[1].tensor(0).shape == Shape{7, 3});
  CHECK(moves[2].tensor(0).shape == Shape{2, 5});
}

TEST_CASE("an operator that minds the type has its type changed first") {
  Refusal refusal;
  refusal.code = "TA303";
  refusal.numbers = {7};
  CHECK(ListMoves(Call({2, 3}), refusal, {}).front().tensor(0).dtype == DType::kI64);
  CHECK(ListMoves(Call({2, 3}), refusal, {.floats = true}).front().tensor(0).dtype != DType::kI64);
}

}  // namespace
}  // namespace torchassay

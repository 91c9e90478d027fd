// Containers: lists and dicts that a model changes in place, where it is not known with what, or whether at all.
//
// Everybody who has such a container sees the change, so it is not enough that the operator's result is unknown.
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_CONTAINERS_H_
#define VALIDATOR_RUNNER_CONTAINERS_H_

#include <torch/script.h>

#include <unordered_map>
#include <vector>

namespace torchassay {

// The container that the operator of `node` writes to, among what it got; null where there is none.
const c10::IValue* WrittenContainer(const torch::jit::Node* node, const std::vector<c10::IValue>& inputs);

class Containers final {
 public:
  // What one held at some time.
  struct State {
    c10::IValue content;  // a copy, where it is not lost
    bool lost = false;
  };
  struct Change {
    c10::IValue container;
    State before, after;
  };
  using Changes = std::unordered_map<const void*, Change>;

  // Notes what is written while it lasts; scopes nest.
  class Scope final {
   public:
    explicit Scope(Containers& containers) : containers_(containers) { containers_.open_.emplace_back(); }
    ~Scope() {
      if (!closed_) containers_.open_.pop_back();
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

    Changes Close();

   private:
    Containers& containers_;
    bool closed_ = false;
  };

  // Whether what it holds is unknown.
  bool IsLost(const c10::IValue& value) const;
  void Lose(const c10::IValue& container);
  // To be told before a container is written to. What is long is lost where a scope would have to keep it: a loop that
  // data decides in may come by as often as it is long.
  void BeforeWrite(const c10::IValue& container);

  void Undo(const Changes& changes);
  void Redo(const Changes& changes);
  // Either of the two, both from what is there now: what they agree in stays known.
  void Either(const Changes& left, const Changes& right);

 private:
  State StateOf(const c10::IValue& container) const;
  static State Both(const State& left, const State& right);
  void Restore(const c10::IValue& container, const State& state);

  std::unordered_map<const void*, c10::IValue> lost_;  // held, so that no other takes its address
  std::vector<Changes> open_;
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_CONTAINERS_H_

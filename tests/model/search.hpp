// Breadth first through all states that the moves can reach, so that the first violation found is
// one of the shortest.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actions.hpp"
#include "invariants.hpp"

namespace daymill::model {

struct Findings {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  int depth = 0;
  std::uint64_t decisions = 0;  ///< runs that ended with a justified NEEDS_DECISION
  std::uint64_t endings = 0;    ///< distinct situations from which runs were repeated to the end
  bool complete = true;         ///< false: `limit` was met first
  std::string violation;
  std::string trace;
};

/// 128 bits of a state; that two of some million states share them is not to be expected.
struct Key {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const Key&, const Key&) = default;
};

inline std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93U;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93U;
  return x ^ (x >> 32);
}

inline Key key_of(const World& world) {
  Key key{0x9e3779b97f4a7c15U, 0xc2b2ae3d27d4eb4fU};
  const auto* bytes = reinterpret_cast<const unsigned char*>(&world);
  for (std::size_t at = 0; at < sizeof world; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, sizeof world - at < 8 ? sizeof world - at : 8);
    key.high = mix(key.high ^ word);
    key.low = mix(key.low + word * 0x9fb21c651e98df25U);
  }
  return key;
}

/// A set of keys in 20 to 25 bytes each: open addressing, in shards and by small steps, so that
/// growing never needs much room.
class KeySet {
 public:
  /// False: it was there before.
  bool insert(const Key& key) {
    Shard& shard = shards_[key.high >> 56];
    if (shard.size * 5 >= shard.slots.size() * 4) {
      grow(shard);
    }
    Key& slot = find(shard.slots, key);
    if (slot == key) {
      return false;
    }
    slot = key;
    ++shard.size;
    ++size_;
    return true;
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  struct Shard {
    std::vector<Key> slots = std::vector<Key>(16);  // a key of zeros: free
    std::size_t size = 0;
  };

  static Key& find(std::vector<Key>& slots, const Key& key) {
    std::size_t at = key.low % slots.size();
    while (!(slots[at] == key) && !(slots[at] == Key{})) {
      at = at + 1 < slots.size() ? at + 1 : 0;
    }
    return slots[at];
  }
  static void grow(Shard& shard) {
    std::vector<Key> larger(shard.slots.size() * 5 / 4);
    for (const Key& key : shard.slots) {
      if (!(key == Key{})) {
        find(larger, key) = key;
      }
    }
    shard.slots = std::move(larger);
  }

  std::vector<Shard> shards_ = std::vector<Shard>(256);
  std::uint64_t size_ = 0;
};

class Search {
 public:
  Search(const Engine& engine, std::uint64_t limit) : engine_(engine), limit_(limit) {}

  Findings run() {
    World first = engine_.initial();
    engine_.normalize(first);
    seen_.insert(key_of(first));
    origins_.push_back({0, {}});
    Frontier frontier{{first, 0}};
    while (!frontier.empty() && findings_.violation.empty()) {
      Frontier next;
      for (; !frontier.empty(); frontier.pop_front()) {
        expand(frontier.front().first, frontier.front().second, next);
        if (!findings_.violation.empty() || seen_.size() >= limit_) {
          break;
        }
      }
      if (seen_.size() >= limit_) {
        findings_.complete = false;
        break;
      }
      findings_.depth += next.empty() ? 0 : 1;
      frontier = std::move(next);
    }
    findings_.states = seen_.size();
    findings_.endings = ended_.size();
    return std::move(findings_);
  }

 private:
  struct Origin {
    std::uint32_t parent;
    Move move;
  };

  /// States of one depth that have not been left yet, each with its place in origins_.
  using Frontier = std::deque<std::pair<World, std::uint32_t>>;

  void expand(const World& world, std::uint32_t index, Frontier& next) {
    for (const Move move : engine_.moves(world)) {
      World after = world;
      const Outcome outcome = engine_.apply(after, move);
      ++findings_.transitions;
      findings_.decisions += outcome.decision ? 1 : 0;
      const char* violation = outcome.violation;
      if (violation == nullptr) {
        violation = violation_of(engine_, after);
      }
      if (violation == nullptr && outcome.decision) {
        violation = violation_of_decision(after);
      }
      engine_.normalize(after);
      if (violation == nullptr && seen_.insert(key_of(after))) {
        next.emplace_back(after, static_cast<std::uint32_t>(origins_.size()));
        origins_.push_back({index, move});
        violation = end_of(after);
      }
      if (violation != nullptr) {
        findings_.violation = violation;
        findings_.trace = trace(index, move);
        return;
      }
    }
  }

  /// Repeated runs depend on what is left when all runners are gone: asked once for each such
  /// world.
  const char* end_of(World world) {
    for (Runner& runner : world.runners) {
      runner = kIdleRunner;
    }
    engine_.normalize(world);
    return ended_.insert(key_of(world)) ? violation_in_the_end(engine_, world) : nullptr;
  }

  std::string trace(std::uint32_t index, Move last) const {
    std::vector<Move> moves{last};
    for (; index != 0; index = origins_[index].parent) {
      moves.insert(moves.begin(), origins_[index].move);
    }
    World world = engine_.initial();
    bool swapped = engine_.normalize(world);
    std::string text;
    for (std::size_t i = 0; i < moves.size(); ++i) {
      const bool by_runner = moves[i].kind == MoveKind::run || moves[i].kind == MoveKind::crash;
      const bool second = by_runner && (moves[i].what == 1) != swapped;
      text += "  " + std::to_string(i + 1) + ". " +
              (by_runner ? std::string("runner ") + (second ? "B " : "A ") : "") +
              engine_.describe(world, moves[i]) + "\n";
      engine_.apply(world, moves[i]);
      swapped ^= engine_.normalize(world);
    }
    return text;
  }

  const Engine& engine_;
  std::uint64_t limit_;
  Findings findings_;
  KeySet seen_;
  KeySet ended_;
  std::deque<Origin> origins_;
};

}  // namespace daymill::model

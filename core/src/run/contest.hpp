// Where the evidence does not tell what is right: ask a person, or do what one has decided.
#pragma once

#include <initializer_list>
#include <string>

#include "run/run_context.hpp"

namespace daymill {

/// A day whose evidence contradicts itself as `problem` says, at `location`. OK when the run was
/// given one of the choices that are `possible`: the decision is then kept in the sink, with user
/// and reason, before anything is done about it. Otherwise NEEDS_DECISION with the problem and the
/// commands that settle it.
Status contest(RunContext& context, Sink& sink, const std::string& location,
               const std::string& problem, std::initializer_list<Choice> possible);

}  // namespace daymill

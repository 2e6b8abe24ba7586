// Adapters from the C++ classes of plugin.hpp to the functions of abi.h.
#pragma once

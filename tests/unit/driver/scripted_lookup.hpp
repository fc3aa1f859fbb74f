#pragma once

#include "connection/type_lookup.hpp"
#include "scripted_conversation.hpp"

#include <string>
#include <utility>
#include <vector>

/// A database with one enum, and what it answers where its types are looked up.
namespace tusk::test {

inline const std::string felt = "SELECT $1::mood AS felt";
inline const std::string several = "SELECT $1::mood[] AS moods";
inline constexpr oid mood = 16390;
inline constexpr oid mood_array = 16389;

inline std::string lookup(std::vector<oid> asked)
{
    byte_writer out;
    protocol::reply answer;
    detail::type_lookup{std::move(asked)}.stage(out, answer);
    return std::string{reinterpret_cast<const char*>(out.bytes().data()), out.size()};
}

/// What the server sends before the rows of its answer.
inline std::string lookup_described()
{
    using namespace backend;
    return parse_complete() + parameter_description({1028}) +
           row_description({{"oid", 26, 4},
                            {"nspname", 19},
                            {"typname", 19},
                            {"format_type", 25},
                            {"case", 18, 1},
                            {"case", 26, 4},
                            {"typdelim", 18, 1},
                            {"?column?", 16, 1},
                            {"array", 1028}});
}

inline const std::string no_fields = int32(0) + int32(0) + int32(26);
inline const std::string mood_row =
    backend::data_row({int32(mood), "public", "mood", "mood", "e", int32(0), ",", "\x01", no_fields});
inline const std::string array_row =
    backend::data_row({int32(mood_array), "public", "_mood", "mood[]", "a", int32(mood), ",", "\x01", no_fields});

inline std::string described(oid type, const std::string& name)
{
    return backend::parse_complete() + backend::parameter_description({type}) +
           backend::row_description({{name, type}});
}

inline std::string one_row(const std::string& value)
{
    using namespace backend;
    return bind_complete() + data_row({value}) + complete("SELECT 1") + ready('I');
}

} // namespace tusk::test

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Messages of the frontend/backend protocol as strings, for scripts. Written against the protocol's description
/// alone, so that they share no mistake with the driver under test.
/// @see PostgreSQL documentation, "Message Formats".
namespace tusk::test {

/// Integers as they travel.
std::string int16(int value);
std::string int32(std::int64_t value);
std::string int64(std::int64_t value);

/// Text and its terminator.
std::string zero_terminated(std::string_view text);

/// Any message: the type, a length that fits, the body.
std::string message(char type, std::string_view body = {});

/// The same with a length that need not fit: for garbage.
std::string message_of_length(char type, std::int64_t length, std::string_view body = {});

/// Whole messages out of what was written, cut off at their lengths; what is not complete is left out.
std::vector<std::string> split_messages(std::string_view bytes);

namespace frontend {

using pairs = std::vector<std::pair<std::string, std::string>>;

/// One value of Bind; nothing for NULL.
struct value {
    int format = 1;
    std::optional<std::string> bytes;
};

std::string startup(const pairs& parameters);
std::string password(std::string_view text);
std::string sasl_initial_response(std::string_view mechanism, std::string_view data);
std::string sasl_response(std::string_view data);
std::string parse(std::string_view statement, std::string_view sql);
std::string describe(std::string_view statement);
/// All columns are asked for in binary.
std::string bind(std::string_view statement, const std::vector<value>& values = {}, std::string_view portal = {});
/// At most so many rows; 0 for all of them.
std::string execute(std::string_view portal = {}, int rows = 0);
std::string close_portal(std::string_view portal);
std::string sync();
std::string flush();
std::string copy_data(std::string_view data);
std::string copy_done();
std::string query(std::string_view sql);
std::string copy_fail(std::string_view reason);
std::string terminate();

/// Parse, Bind and Execute of a command without parameters and rows, by the unnamed statement.
std::string command(std::string_view sql);
/// Parse, Describe.
std::string prepare(std::string_view statement, std::string_view sql);
/// Bind, Execute, Sync.
std::string run(std::string_view statement, const std::vector<value>& values = {});

} // namespace frontend

namespace backend {

struct column {
    std::string name;
    std::uint32_t type = 0;
    int type_size = -1;
    int format = 0;
    std::uint32_t table = 0;
    int attribute = 0;
};

using fields = std::vector<std::pair<char, std::string>>;
using values = std::vector<std::optional<std::string>>;

std::string authentication(int code, std::string_view data = {});
std::string parameter_status(std::string_view name, std::string_view value);
std::string key_data(int pid, std::string_view key);
std::string ready(char status);
std::string parse_complete();
std::string bind_complete();
std::string close_complete();
std::string no_data();
std::string parameter_description(const std::vector<std::uint32_t>& types = {});
std::string row_description(const std::vector<column>& columns);
std::string data_row(const values& row);
std::string complete(std::string_view tag);
std::string empty_query();
std::string error(const fields& what);
std::string notice(const fields& what);
std::string notification(int pid, std::string_view channel, std::string_view payload);
/// @param format  0 for text, 1 for binary.
std::string copy_in(int columns, int format = 0);
std::string copy_out(int columns, int format = 0);
std::string portal_suspended();
std::string copy_data(std::string_view data);
std::string copy_done();

/// The answer to `frontend::command`.
std::string command_done(std::string_view tag);

} // namespace backend

} // namespace tusk::test

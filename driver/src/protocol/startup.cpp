#include "protocol/startup.hpp"

#include "protocol/error_response.hpp"

#include <tusk/driver/detail/raise.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace tusk::protocol {

namespace {

constexpr std::size_t max_notices = 16;
constexpr std::size_t max_parameters = 256;
constexpr std::size_t min_cancel_key = 4;
constexpr std::size_t max_cancel_key = 256;

constexpr std::uint32_t major_of(std::uint32_t version) noexcept { return version >> 16U; }
constexpr std::uint32_t minor_of(std::uint32_t version) noexcept { return version & 0xffffU; }

/// Moves the password out of the settings, leaving nothing behind.
secret_text take_password(std::optional<std::string>& password)
{
    if (!password)
        return {};
    secret_text taken{*password};
    wipe(*password);
    return taken;
}

authentication_settings take_authentication_settings(startup_settings& settings)
{
    authentication_settings taken;
    taken.user = settings.user;
    taken.password = take_password(settings.password);
    taken.password_remark = std::move(settings.password_remark);
    taken.can_ask_password = settings.can_ask_password;
    taken.can_ask_token = settings.can_ask_token;
    taken.can_use_gss = settings.can_use_gss;
    taken.encrypted = settings.encrypted;
    taken.server_end_point = std::move(settings.server_end_point);
    taken.binding = settings.binding;
    taken.policy = settings.policy;
    taken.scram_cache = settings.scram_cache;
    taken.scram_identity = std::move(settings.scram_identity);
    taken.cleartext_allowed = settings.cleartext_allowed;
    taken.scram_max_iterations = settings.scram_max_iterations;
    return taken;
}

bool is_protocol_option(std::string_view name) noexcept { return name.substr(0, 5) == "_pq_."; }

/// What the driver knows about mending a refused connection.
std::string_view remedy_for(std::string_view sqlstate) noexcept
{
    if (sqlstate == sqlstate::invalid_password)
        return "check the role's name and its password";
    if (sqlstate == sqlstate::invalid_authorization_specification)
        return "check the role's name, and the server's pg_hba.conf for a line that admits it from this address";
    if (sqlstate == sqlstate::invalid_catalog_name)
        return "create the database, or name another one; without a name it is that of the role";
    if (sqlstate == sqlstate::too_many_connections)
        return "close connections that are not in use, make pools smaller, or raise max_connections on the server";
    if (sqlstate == sqlstate::cannot_connect_now)
        return "the server is starting or stopping: try again shortly";
    return {};
}

[[noreturn]] void fail_unexpected(char type)
{
    throw protocol_error{fmt::format("the server sent a message of type 0x{:02x} where start-up does not allow it; "
                                     "check that a PostgreSQL server listens there",
                                     static_cast<unsigned char>(type))};
}

} // namespace

startup::startup(startup_settings settings)
    : user_{settings.user},
      database_{std::move(settings.database)},
      parameters_{std::move(settings.parameters)},
      asked_version_{settings.protocol_version},
      min_version_{settings.min_protocol_version},
      authentication_{take_authentication_settings(settings)}
{
    facts_.protocol_version = asked_version_;
    if (user_.empty())
        throw usage_error{"a connection needs the name of a role; give one as `user`"};
    bool encoding_given = false;
    for (const auto& [name, value] : parameters_) {
        // A second one would override the first, and with it who logs in, and where.
        if (name == "user" || name == "database")
            throw usage_error{
                fmt::format("\"{}\" is no start-up parameter to set; give it as the option of its own", name)};
        encoding_given = encoding_given || name == "client_encoding";
    }
    if (!encoding_given)
        parameters_.emplace_back("client_encoding", "UTF8");
}

void startup::begin(byte_writer& out)
{
    if (phase_ != phase::initial)
        throw usage_error{"start-up was begun before; use a new object for a new connection"};
    std::vector<startup_parameter> all{{"user", user_}};
    if (!database_.empty())
        all.push_back({"database", database_});
    for (const auto& [name, value] : parameters_)
        all.push_back({name, value});
    write_startup(out, asked_version_, all);
    phase_ = phase::authenticating;
}

startup::state startup::feed(const backend_message& message, byte_writer& out)
{
    if (phase_ == phase::initial || phase_ == phase::ready || phase_ == phase::over)
        throw usage_error{"start-up awaits no message: it was not begun, has failed, or is complete"};
    // An exception from here on leaves `over` behind, and nothing leads out of it.
    const phase from = std::exchange(phase_, phase::over);
    if (from == phase::asking)
        throw usage_error{"start-up awaits a credential and no message"};
    const std::size_t length = message.body.size() + sizeof(std::int32_t);
    if (length > max_message_size)
        throw protocol_error{fmt::format("the server sent a message of {} bytes during start-up and at most {} are "
                                         "accepted; check that a PostgreSQL server listens there",
                                         length, max_message_size)};
    try {
        phase_ = handle(from, message, out);
    } catch (const decode_error& malformed) {
        throw protocol_error{fmt::format("the server sent a malformed message during start-up: {}; "
                                         "check that a PostgreSQL server listens there",
                                         malformed.what())};
    }
    heard_ = true;
    return current();
}

startup::phase startup::handle(phase from, const backend_message& message, byte_writer& out)
{
    // These two may come whatever is going on.
    if (message.type == 'E')
        fail_refused(from, message);
    if (message.type == 'N') {
        if (from == phase::authenticated)
            note_notice(message);
        return from;
    }
    if (from != phase::authenticated)
        return authenticate(from, message, out);
    switch (message.type) {
    case 'S': note_parameter({message.body, "ParameterStatus"}); return from;
    case 'K': note_cancel_key({message.body, "BackendKeyData"}); return from;
    case 'Z': finish({message.body, "ReadyForQuery"}); return phase::ready;
    default: fail_unexpected(message.type);
    }
}

startup::phase startup::authenticate(phase from, const backend_message& message, byte_writer& out)
{
    if (message.type == 'v' && !heard_) {
        negotiate({message.body, "NegotiateProtocolVersion"});
        return from;
    }
    if (message.type != 'R')
        fail_unexpected(message.type);
    return after(authentication_.feed(message.body, out));
}

startup::phase startup::after(authentication::state now) noexcept
{
    switch (now) {
    case authentication::state::working: return phase::deriving;
    case authentication::state::need_credential: return phase::asking;
    case authentication::state::done: logged_in_ = true; return phase::authenticated;
    case authentication::state::need_message: break;
    }
    return phase::authenticating;
}

startup::state startup::work(byte_writer& out)
{
    if (phase_ != phase::deriving)
        throw usage_error{"start-up has no key to derive; feed it the server's next message"};
    phase_ = phase::over;
    phase_ = after(authentication_.work(out));
    return current();
}

startup::state startup::supply(secret_text given, byte_writer& out)
{
    if (phase_ != phase::asking)
        throw usage_error{"start-up wants no credential; feed it the server's next message"};
    phase_ = phase::over;
    phase_ = after(authentication_.supply(std::move(given), out));
    return current();
}

startup::state startup::supply_gss(std::span<const std::byte> token, bool complete, byte_writer& out)
{
    if (phase_ != phase::asking)
        throw usage_error{"start-up wants no credential; feed it the server's next message"};
    phase_ = phase::over;
    phase_ = after(authentication_.supply_gss(token, complete, out));
    return current();
}

session_facts startup::take_facts()
{
    if (phase_ != phase::ready)
        throw usage_error{"start-up is not complete, or its facts were taken before"};
    phase_ = phase::over;
    return std::move(facts_);
}

void startup::fail_refused(phase from, const backend_message& message)
{
    auto fields = std::make_shared<error_fields>(parse_error_response(message.body));
    if (fields->sqlstate == sqlstate::invalid_password)
        authentication_.forget_keys();
    std::string remedy{remedy_for(fields->sqlstate)};
    if (remedy.empty() && from == phase::authenticated)
        remedy = "the login was accepted; check the start-up parameters and the server's log";
    detail::raise_server_error(std::move(fields), {}, remedy);
}

void startup::negotiate(byte_reader reader)
{
    // The field holds the whole version, although older documentation calls it the minor one.
    const auto offered = reader.take<std::uint32_t>();
    const auto count = reader.take<std::int32_t>();
    constexpr std::uint32_t reserved = 0x0003'0001;
    if (major_of(offered) != major_of(asked_version_) || offered > asked_version_ || offered == reserved)
        throw protocol_error{fmt::format("the server answered a connection in protocol {}.{} with version {}.{}, which "
                                         "it may not; check that a PostgreSQL server listens there",
                                         major_of(asked_version_), minor_of(asked_version_), major_of(offered),
                                         minor_of(offered))};
    if (offered < min_version_)
        throw connection_error{fmt::format("the server speaks protocol {}.{} and min_protocol_version asks for {}.{}; "
                                           "lower it, or use a newer server",
                                           major_of(offered), minor_of(offered), major_of(min_version_),
                                           minor_of(min_version_))};
    if (count < 0)
        throw protocol_error{"the server reports a negative number of protocol options; "
                             "check that a PostgreSQL server listens there"};
    for (std::int32_t i = 0; i != count; ++i) {
        const std::string_view refused = reader.take_cstring();
        const bool asked_for = std::any_of(parameters_.begin(), parameters_.end(), [refused](const auto& parameter) {
            return is_protocol_option(parameter.first) && parameter.first == refused;
        });
        if (asked_for)
            throw connection_error{
                fmt::format("the server does not know the protocol option \"{}\"; connect without it", refused)};
    }
    reader.expect_end();
    facts_.protocol_version = offered;
}

void startup::note_parameter(byte_reader reader)
{
    const std::string_view name = reader.take_cstring();
    const std::string_view value = reader.take_cstring();
    reader.expect_end();
    const auto known = facts_.parameters.find(name);
    if (known != facts_.parameters.end()) {
        known->second = value;
        return;
    }
    if (facts_.parameters.size() == max_parameters)
        throw protocol_error{fmt::format("the server reports more than {} parameters during start-up; "
                                         "check that a PostgreSQL server listens there",
                                         max_parameters)};
    facts_.parameters.emplace(name, value);
}

void startup::note_cancel_key(byte_reader reader)
{
    if (!facts_.cancel_key.empty())
        fail_unexpected('K');
    facts_.backend_pid = reader.take<std::int32_t>();
    const auto key = reader.take_rest();
    if (key.size() < min_cancel_key || key.size() > max_cancel_key)
        throw protocol_error{fmt::format("the server sent a cancel key of {} bytes and the protocol allows {} to {}; "
                                         "check that a PostgreSQL server listens there",
                                         key.size(), min_cancel_key, max_cancel_key)};
    facts_.cancel_key.assign(key.begin(), key.end());
}

void startup::note_notice(const backend_message& message)
{
    if (facts_.notices.size() < max_notices)
        facts_.notices.emplace_back(message.body.begin(), message.body.end());
}

void startup::finish(byte_reader reader)
{
    facts_.transaction_status = reader.take<char>();
    reader.expect_end();
    if (std::string_view{"ITE"}.find(facts_.transaction_status) == std::string_view::npos)
        throw protocol_error{
            fmt::format("the server reports the transaction status 0x{:02x}, which the protocol does not "
                        "have; check that a PostgreSQL server listens there",
                        static_cast<unsigned char>(facts_.transaction_status))};
    const auto encoding = facts_.parameters.find("client_encoding");
    if (encoding != facts_.parameters.end() && encoding->second != "UTF8")
        throw protocol_error{
            "the server speaks another client_encoding than UTF8 on this connection; remove "
            "client_encoding from `options`, the start-up parameters, and ALTER ROLE or ALTER DATABASE"};
}

startup::state startup::current() const noexcept
{
    if (phase_ == phase::ready)
        return state::ready;
    if (phase_ == phase::asking)
        return state::need_credential;
    return phase_ == phase::deriving ? state::working : state::need_message;
}

} // namespace tusk::protocol

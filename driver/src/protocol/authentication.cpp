#include "protocol/authentication.hpp"

#include "protocol/md5_password.hpp"
#include "protocol/startup_messages.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tusk::protocol {

namespace {

/// PostgreSQL's default is 4096 iterations, so one slice does for most servers.
constexpr unsigned slice = 4096;

enum request_code : std::int32_t {
    ok = 0,
    kerberos_v5 = 2,
    cleartext_password = 3,
    crypt_password = 4,
    md5_password_request = 5,
    scm_credential = 6,
    gss = 7,
    gss_continue = 8,
    sspi = 9,
    sasl = 10,
    sasl_continue = 11,
    sasl_final = 12,
};

std::string name_of(std::int32_t code)
{
    switch (code) {
    case kerberos_v5: return "Kerberos V5";
    case crypt_password: return "crypt password";
    case scm_credential: return "SCM credential";
    case gss: return "GSSAPI";
    case gss_continue: return "GSSAPI (continued)";
    case sspi: return "SSPI";
    default: return fmt::format("number {}", code);
    }
}

std::string_view text_of(std::span<const std::byte> bytes) noexcept
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A mechanism's name for a message. The peer is not authenticated yet: only what RFC 4422 allows is repeated.
std::string_view readable(std::string_view mechanism) noexcept
{
    const bool valid = mechanism.size() <= 20 && std::all_of(mechanism.begin(), mechanism.end(), [](char c) {
                           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
                       });
    return valid ? mechanism : "(unreadable)";
}

struct mechanism_list {
    bool scram = false;
    bool scram_plus = false;
    std::string names; ///< For messages.
};

mechanism_list read_mechanisms(byte_reader& reader)
{
    constexpr std::size_t most_shown = 8;
    mechanism_list list;
    std::size_t count = 0;
    for (auto name = reader.take_cstring(); !name.empty(); name = reader.take_cstring(), ++count) {
        list.scram = list.scram || name == scram_client::mechanism;
        list.scram_plus = list.scram_plus || name == "SCRAM-SHA-256-PLUS";
        if (count < most_shown)
            list.names += fmt::format("{}{}", count == 0 ? "" : ", ", readable(name));
        else if (count == most_shown)
            list.names += ", and more";
    }
    reader.expect_end();
    return list;
}

[[noreturn]] void fail_order(std::string_view what)
{
    throw protocol_error{fmt::format("the server sent {} out of order; "
                                     "check what stands between this program and the server",
                                     what)};
}

} // namespace

authentication::authentication(authentication_settings settings) : settings_{std::move(settings)} {}

authentication::state authentication::feed(std::span<const std::byte> body, byte_writer& out)
{
    // An exception from here on leaves `failed` behind, and nothing leads out of it.
    const step from = std::exchange(step_, step::failed);
    byte_reader reader{body, "authentication request"};
    const auto request = reader.take<std::int32_t>();
    step_ = handle(from, request, reader, out);
    return current();
}

authentication::step authentication::handle(step from, std::int32_t request, byte_reader& reader, byte_writer& out)
{
    if (from == step::done || from == step::failed)
        fail_order("an authentication request");
    switch (request) {
    case ok: return accept(from, reader);
    case sasl_continue:
        if (from != step::scram_begun)
            fail_order("AuthenticationSASLContinue");
        scram_->server_first(text_of(reader.take_rest()));
        return step::scram_deriving;
    case sasl_final:
        if (from != step::scram_answered)
            fail_order("AuthenticationSASLFinal");
        scram_->server_final(text_of(reader.take_rest()));
        return step::scram_verified;
    default: break;
    }
    // What is left opens a method, and there is one method a connection.
    if (from != step::first_request)
        fail_order("a second authentication request");
    switch (request) {
    case cleartext_password: return send_cleartext(reader, out);
    case md5_password_request: return send_md5(reader, out);
    case sasl: return begin_scram(reader, out);
    default:
        throw authentication_error{
            fmt::format("the server asks for the authentication method {}, which is not supported; "
                        "let its pg_hba.conf use scram-sha-256 for this role and address",
                        name_of(request))};
    }
}

authentication::step authentication::accept(step from, byte_reader& reader)
{
    reader.expect_end();
    if (from == step::scram_begun || from == step::scram_deriving || from == step::scram_answered)
        throw authentication_error{
            "the server ended SCRAM authentication without proving that it knows the password: it "
            "is not the server that it claims to be, or something in between cut the exchange"};
    settings_.password.wipe();
    return step::done;
}

authentication::step authentication::send_cleartext(byte_reader& reader, byte_writer& out)
{
    reader.expect_end();
    if (!settings_.cleartext_allowed)
        throw authentication_error{"the server asks for the password in clear text, and this link does not protect it; "
                                   "let its pg_hba.conf use scram-sha-256, connect through a Unix socket, "
                                   "or set allow_cleartext_password"};
    write_password(out, password_for("clear text"));
    settings_.password.wipe();
    return step::password_sent;
}

authentication::step authentication::send_md5(byte_reader& reader, byte_writer& out)
{
    const auto salt = reader.take_bytes(4).first<4>();
    reader.expect_end();
    write_password(out, md5_password(password_for("MD5"), settings_.user, salt).view());
    settings_.password.wipe();
    return step::password_sent;
}

authentication::step authentication::begin_scram(byte_reader& reader, byte_writer& out)
{
    const mechanism_list offered = read_mechanisms(reader);
    // The server would offer it over TLS only, so its TLS does not end here.
    if (offered.scram_plus && !settings_.encrypted)
        throw authentication_error{
            "the server offers SCRAM-SHA-256-PLUS over a link that is not encrypted here: something "
            "in between ends its TLS; connect to the server itself"};
    if (!offered.scram)
        throw authentication_error{fmt::format("the server offers the SASL mechanisms [{}] and only SCRAM-SHA-256 is "
                                               "supported; let its pg_hba.conf use scram-sha-256",
                                               offered.names)};
    scram_settings settings;
    settings.max_iterations = settings_.scram_max_iterations;
    scram_.emplace(password_for("SCRAM-SHA-256"), std::move(settings));
    settings_.password.wipe();
    write_sasl_initial_response(out, scram_client::mechanism, scram_->client_first());
    return step::scram_begun;
}

authentication::state authentication::work(byte_writer& out)
{
    if (step_ != step::scram_deriving)
        throw usage_error{"there is no key to derive; feed the server's next message"};
    if (scram_->advance(slice)) {
        write_sasl_response(out, scram_->client_final());
        step_ = step::scram_answered;
    }
    return current();
}

std::string_view authentication::password_for(std::string_view method) const
{
    // PostgreSQL never accepts an empty password, so an empty one is a missing one.
    if (settings_.password.empty())
        throw authentication_error{fmt::format("the server asks for a password ({}) and there is none; give one in the "
                                               "connection URL, as the option `password`, or in the environment as "
                                               "PGPASSWORD",
                                               method)};
    return settings_.password.view();
}

authentication::state authentication::current() const noexcept
{
    if (step_ == step::scram_deriving)
        return state::working;
    return step_ == step::done ? state::done : state::need_message;
}

} // namespace tusk::protocol

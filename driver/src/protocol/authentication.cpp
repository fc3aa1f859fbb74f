#include "protocol/authentication.hpp"

#include "protocol/md5_password.hpp"
#include "protocol/sasl_mechanisms.hpp"
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
    case sspi: return "SSPI";
    default: return fmt::format("number {}", code);
    }
}

std::string_view text_of(std::span<const std::byte> bytes) noexcept
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// RFC 6750's `b64token`: nothing that means something in the message around it.
bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
    });
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
        if (from == step::token_sent) {
            // The server says in JSON what it did not like; the error itself follows this empty answer.
            write_sasl_response(out, "\x01");
            return step::token_refused;
        }
        if (from != step::scram_begun)
            fail_order("AuthenticationSASLContinue");
        scram_->server_first(text_of(reader.take_rest()));
        return step::scram_deriving;
    case sasl_final:
        if (from != step::scram_answered)
            fail_order("AuthenticationSASLFinal");
        scram_->server_final(text_of(reader.take_rest()));
        return step::scram_verified;
    case gss_continue: {
        if (from != step::gss_answered)
            fail_order("a GSSAPI token");
        const auto token = reader.take_rest();
        gss_challenge_.assign(token.begin(), token.end());
        return step::gss_asked;
    }
    default: break;
    }
    // What is left opens a method, and there is one method a connection.
    if (from != step::first_request)
        fail_order("a second authentication request");
    return open_method(request, reader, out);
}

authentication::step authentication::open_method(std::int32_t request, byte_reader& reader, byte_writer& out)
{
    // Nothing else can be bound to the channel, so nothing else may see a secret.
    if (settings_.binding == channel_binding::require && request != sasl)
        throw authentication_error{"the server asks for a method that cannot be bound to the TLS channel, and "
                                   "channel_binding=require; let its pg_hba.conf use scram-sha-256"};
    switch (request) {
    case cleartext_password:
        reader.expect_end();
        check_allowed(authentication_method::password, "the password in clear text");
        check_cleartext("the password in clear text");
        return answer(step::cleartext_asked, out);
    case md5_password_request:
        std::ranges::copy(reader.take_bytes(4), md5_salt_.begin());
        reader.expect_end();
        check_allowed(authentication_method::md5, "MD5");
        return answer(step::md5_asked, out);
    case sasl: return begin_sasl(reader, out);
    case gss: return open_gss(reader);
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
    if (from == step::gss_answered)
        throw authentication_error{"the server ended GSSAPI authentication without proving who it is: it is not the "
                                   "server that it claims to be, or something in between cut the exchange"};
    if (from == step::token_refused)
        fail_order("AuthenticationOk");
    if (from == step::first_request) {
        check_allowed(authentication_method::none, "no authentication at all");
        if (settings_.binding == channel_binding::require)
            throw authentication_error{"the server let us in without channel binding, and channel_binding=require; "
                                       "let its pg_hba.conf use scram-sha-256"};
    }
    settings_.password.wipe();
    return step::done;
}

/// Answers a request, or asks the program for what that takes.
authentication::step authentication::answer(step asked, byte_writer& out)
{
    if (settings_.password.empty()) {
        const bool can_ask = asked == step::token_asked ? settings_.can_ask_token : settings_.can_ask_password;
        if (!can_ask)
            fail_without_password(asked);
        return asked;
    }
    step next = step::password_sent;
    switch (asked) {
    case step::cleartext_asked: write_password(out, settings_.password.view()); break;
    case step::md5_asked:
        write_password(out, md5_password(settings_.password.view(), settings_.user, md5_salt_).view());
        break;
    case step::token_asked: next = send_token(out); break;
    default: next = begin_scram(out); break;
    }
    settings_.password.wipe();
    return next;
}

authentication::step authentication::begin_sasl(byte_reader& reader, byte_writer& out)
{
    const sasl_mechanisms offered = read_sasl_mechanisms(reader);
    // The server would offer it over TLS only, so its TLS does not end here.
    if (offered.scram_plus && !settings_.encrypted)
        throw authentication_error{
            "the server offers SCRAM-SHA-256-PLUS over a link that is not encrypted here: something "
            "in between ends its TLS; connect to the server itself"};
    scram_plus_ = offered.scram_plus;
    if (settings_.binding == channel_binding::require && (!scram_plus_ || settings_.server_end_point.empty()))
        throw authentication_error{scram_plus_ ? "channel_binding=require, but the server's certificate is signed by "
                                                 "an algorithm that channel binding is not defined for; give the "
                                                 "server one that is signed with RSA or ECDSA"
                                               : "channel_binding=require, but the server does not offer it: it is no "
                                                 "PostgreSQL 11 or later, or something in between ends its TLS"};
    if (offered.scram || offered.scram_plus) {
        check_allowed(authentication_method::scram_sha_256, "SCRAM-SHA-256");
        return answer(step::scram_asked, out);
    }
    if (offered.oauth) {
        check_allowed(authentication_method::oauth, "OAUTHBEARER");
        check_cleartext("a bearer token");
        settings_.password.wipe(); // A password is no token.
        return answer(step::token_asked, out);
    }
    throw authentication_error{fmt::format("the server offers the SASL mechanisms [{}] and only SCRAM-SHA-256 and "
                                           "OAUTHBEARER are supported; let its pg_hba.conf use scram-sha-256",
                                           offered.names)};
}

authentication::step authentication::begin_scram(byte_writer& out)
{
    const bool can_bind =
        settings_.binding != channel_binding::disable && settings_.encrypted && !settings_.server_end_point.empty();
    scram_settings settings;
    std::string_view mechanism = scram_client::mechanism;
    if (can_bind && scram_plus_) {
        mechanism = scram_client::mechanism_plus;
        settings.gs2_header = "p=tls-server-end-point,,";
        settings.channel_binding = settings_.server_end_point;
    } else if (can_bind) {
        settings.gs2_header = "y,,"; // a server that did offer it notices that its offer was removed
    }
    settings.max_iterations = settings_.scram_max_iterations;
    settings.cache = settings_.scram_cache;
    settings.identity = settings_.scram_identity;
    scram_.emplace(settings_.password.view(), std::move(settings));
    write_sasl_initial_response(out, mechanism, scram_->client_first());
    return step::scram_begun;
}

authentication::step authentication::open_gss(byte_reader& reader)
{
    reader.expect_end();
    check_allowed(authentication_method::gss, "GSSAPI");
    if (!settings_.can_use_gss)
        throw authentication_error{"the server asks for GSSAPI authentication, and tusk was built without it; build it "
                                   "where the development files of MIT Kerberos are, or let the server's pg_hba.conf "
                                   "use scram-sha-256 for this role and address"};
    settings_.password.wipe();
    return step::gss_asked;
}

authentication::step authentication::send_token(byte_writer& out)
{
    const std::string_view token = settings_.password.view();
    if (!is_token(token))
        throw authentication_error{"token_callback gave something that is no bearer token; it consists of letters, "
                                   "digits and -._~+/="};
    std::string data = "n,,\x01"
                       "auth=Bearer ";
    data.reserve(data.size() + token.size() + 2);
    data += token;
    data += "\x01\x01";
    write_sasl_initial_response(out, oauth_mechanism, data);
    wipe(data);
    return step::token_sent;
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

credential authentication::wanted() const
{
    if (current() != state::need_credential)
        throw usage_error{"no credential is wanted; feed the server's next message"};
    if (step_ == step::gss_asked)
        return credential::gss_token;
    return step_ == step::token_asked ? credential::token : credential::password;
}

authentication::state authentication::supply(secret_text credential, byte_writer& out)
{
    if (current() != state::need_credential || step_ == step::gss_asked)
        throw usage_error{"no credential is wanted; feed the server's next message"};
    const step asked = std::exchange(step_, step::failed);
    settings_.password = std::move(credential);
    settings_.can_ask_password = settings_.can_ask_token = false;
    step_ = answer(asked, out);
    return current();
}

authentication::state authentication::supply_gss(std::span<const std::byte> token, bool complete, byte_writer& out)
{
    if (step_ != step::gss_asked)
        throw usage_error{"no GSSAPI token is wanted; feed the server's next message"};
    step_ = step::failed;
    if (token.empty() && !complete)
        throw authentication_error{"GSSAPI has nothing to answer and is not satisfied either; check the Kerberos "
                                   "configuration of this machine"};
    if (!token.empty())
        write_gss_response(out, token);
    step_ = complete ? step::gss_verified : step::gss_answered;
    return current();
}

void authentication::forget_keys()
{
    if (settings_.scram_cache != nullptr)
        settings_.scram_cache->forget(settings_.scram_identity);
}

void authentication::check_allowed(authentication_method method, std::string_view name) const
{
    if (!settings_.policy.allows(method))
        throw authentication_error{fmt::format("the server wants {}, which require_auth does not allow; change its "
                                               "pg_hba.conf, or require_auth if the server is trusted",
                                               name)};
}

void authentication::check_cleartext(std::string_view what) const
{
    if (!settings_.cleartext_allowed)
        throw authentication_error{
            fmt::format("the server asks for {}, and this link does not protect it; "
                        "let its pg_hba.conf use scram-sha-256, connect through a Unix socket or with sslmode=require "
                        "or better, or set allow_cleartext_password",
                        what)};
}

void authentication::fail_without_password(step asked) const
{
    if (asked == step::token_asked)
        throw authentication_error{"the server asks for an OAuth bearer token and there is none; set token_callback"};
    const std::string_view method = asked == step::cleartext_asked ? "clear text"
                                    : asked == step::md5_asked     ? "MD5"
                                                                   : "SCRAM-SHA-256";
    throw authentication_error{fmt::format("the server asks for a password ({}) and there is none; give one in the "
                                           "connection URL, as the option `password`, in the environment as "
                                           "PGPASSWORD, or in the password file{}{}",
                                           method, settings_.password_remark.empty() ? "" : "; ",
                                           settings_.password_remark)};
}

authentication::state authentication::current() const noexcept
{
    switch (step_) {
    case step::scram_deriving: return state::working;
    case step::cleartext_asked:
    case step::md5_asked:
    case step::scram_asked:
    case step::token_asked:
    case step::gss_asked: return state::need_credential;
    case step::done: return state::done;
    default: return state::need_message;
    }
}

} // namespace tusk::protocol

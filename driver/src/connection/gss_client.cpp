#include "connection/gss_client.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <gssapi/gssapi.h>

#include <utility>

namespace tusk::detail {

namespace {

/// What the library calls a status, of GSSAPI itself or of the mechanism beneath it.
std::string text_of(OM_uint32 status, int kind)
{
    std::string all;
    OM_uint32 more = 0;
    do {
        OM_uint32 minor = 0;
        gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
        if (GSS_ERROR(gss_display_status(&minor, status, kind, GSS_C_NO_OID, &more, &text)))
            break;
        all += all.empty() ? "" : ", ";
        all.append(static_cast<const char*>(text.value), text.length);
        gss_release_buffer(&minor, &text);
    } while (more != 0);
    return all;
}

[[noreturn]] void fail(std::string_view target, OM_uint32 major, OM_uint32 minor)
{
    throw authentication_error{fmt::format("GSSAPI authentication to {} failed: {} ({}); check that there is a ticket "
                                           "(klist), and that krbsrvname and the server's name are those of its "
                                           "principal",
                                           target, text_of(major, GSS_C_GSS_CODE), text_of(minor, GSS_C_MECH_CODE))};
}

} // namespace

struct gss_client::state {
    std::string target;
    OM_uint32 flags = GSS_C_MUTUAL_FLAG; // the server has to prove itself, too
    gss_name_t name = GSS_C_NO_NAME;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;

    state() = default;
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state()
    {
        OM_uint32 ignored = 0;
        gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
        gss_release_name(&ignored, &name);
    }
};

bool gss_client::is_available() noexcept { return true; }

gss_client::gss_client(std::string_view service, std::string_view host, bool delegate)
    : state_{std::make_unique<state>()}
{
    if (service.empty() || host.empty())
        throw authentication_error{"the server asks for GSSAPI authentication, which needs its name: give `host` (and "
                                   "not only hostaddr), and leave krbsrvname at \"postgres\""};
    state_->target = fmt::format("{}@{}", service, host);
    if (delegate)
        state_->flags |= GSS_C_DELEG_FLAG;
}

gss_client::~gss_client() = default;

gss_client::step gss_client::answer(std::span<const std::byte> challenge)
{
    OM_uint32 minor = 0;
    if (state_->name == GSS_C_NO_NAME) {
        gss_buffer_desc text{state_->target.size(), state_->target.data()};
        const OM_uint32 imported = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &state_->name);
        if (GSS_ERROR(imported))
            fail(state_->target, imported, minor);
    }
    // The library's interface is older than const.
    gss_buffer_desc input{challenge.size(), const_cast<std::byte*>(challenge.data())};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 got = 0;
    const OM_uint32 major = gss_init_sec_context(
        &minor, GSS_C_NO_CREDENTIAL, &state_->context, state_->name, GSS_C_NO_OID, state_->flags, 0,
        GSS_C_NO_CHANNEL_BINDINGS, challenge.empty() ? GSS_C_NO_BUFFER : &input, nullptr, &output, &got, nullptr);
    step next;
    const auto* bytes = static_cast<const std::byte*>(output.value);
    if (output.length != 0)
        next.token.assign(bytes, bytes + output.length);
    OM_uint32 ignored = 0;
    gss_release_buffer(&ignored, &output);
    if (GSS_ERROR(major))
        fail(state_->target, major, minor);
    next.complete = (major & GSS_S_CONTINUE_NEEDED) == 0;
    if (next.complete && (got & GSS_C_MUTUAL_FLAG) == 0)
        throw authentication_error{
            fmt::format("{} did not prove who it is, which GSSAPI was asked for", state_->target)};
    return next;
}

} // namespace tusk::detail

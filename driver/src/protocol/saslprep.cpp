#include "protocol/saslprep.hpp"

#include <idn-free.h>
#include <stringprep.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

namespace tusk::protocol {

namespace {

/// libidn's SASLprep without its normalisation step.
///
/// RFC 3454 looks for prohibited characters, unassigned ones and mixed directions after normalising; PostgreSQL
/// looks before. Where that differs (U+2135, U+0340) the server has stored what its own order gave, so its order
/// is the one to follow.
const Stringprep_profile* checks_before_normalising()
{
    static const std::vector<Stringprep_profile> steps = [] {
        std::vector<Stringprep_profile> kept;
        const Stringprep_profile* step = stringprep_saslprep;
        for (; step->operation != 0; ++step)
            if (step->operation != STRINGPREP_NFKC)
                kept.push_back(*step);
        kept.push_back(*step); // the end mark
        return kept;
    }();
    return steps.data();
}

struct wipe_and_free {
    void operator()(char* text) const noexcept
    {
        OPENSSL_cleanse(text, std::strlen(text));
        idn_free(text);
    }
};

} // namespace

secret_text saslprep(std::string_view password)
{
    const bool ascii =
        std::all_of(password.begin(), password.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    // The library would take a zero byte for the end.
    if (ascii || password.find('\0') != std::string_view::npos)
        return secret_text{password};

    // Both mappings only shorten, so the result fits where the input was.
    std::vector<char> text(password.size() + 1);
    password.copy(text.data(), password.size());
    const int failed = stringprep(text.data(), text.size(), STRINGPREP_NO_UNASSIGNED, checks_before_normalising());
    std::unique_ptr<char, wipe_and_free> normalised;
    if (failed == STRINGPREP_OK && text.front() != '\0')
        normalised.reset(stringprep_utf8_nfkc_normalize(text.data(), -1));
    OPENSSL_cleanse(text.data(), text.size());
    return secret_text{normalised ? std::string_view{normalised.get()} : password};
}

} // namespace tusk::protocol

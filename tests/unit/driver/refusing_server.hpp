#pragma once

#include "support/script_messages.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::test {

/// A server that follows the protocol: it answers any flight about statements that it was told of, keeps the state of
/// the transaction, and sends an error in place of one message. What comes behind that is skipped up to the Sync.
class refusing_server
{
public:
    static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

    struct answer {
        std::vector<std::uint32_t> parameters;
        std::vector<backend::column> columns;
        std::vector<backend::values> rows;
        std::string tag;
        bool copies_in = false;
        std::vector<std::string> copies_out{};
        int copy_columns = 0; ///< Of a COPY in binary.
    };

    /// @param at    The number, counted from 0, of the message in whose place the error is sent.
    /// @param said  The error.
    refusing_server(std::map<std::string, answer> knows, std::size_t at, backend::fields said)
        : knows_{std::move(knows)}, at_{at}, said_{std::move(said)}
    {
    }

    /// How many messages it has sent.
    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }
    /// What it was about when it refused: the statement's text; empty before that.
    [[nodiscard]] const std::string& refused() const noexcept { return refused_; }
    /// The type of the message that was refused: `P`, `D`, `B`, `E`, `S`, `Q`, `d`, `c`, `C`.
    [[nodiscard]] char refused_type() const noexcept { return refused_type_; }
    [[nodiscard]] char status() const noexcept { return status_; }

    /// What it sends when this message comes.
    std::string receive(std::string_view message)
    {
        out_.clear();
        const char type = message[0];
        const std::string_view body = message.substr(5);
        if (skipping_ && type != 'S')
            return {};
        switch (type) {
        case 'P': parse(body); break;
        case 'D': describe(statements_.at(text_of(body.substr(1)))); break;
        case 'B': bind(body); break;
        case 'E': execute(body); break;
        case 'C': send('C', backend::close_complete()); break;
        case 'S': sync(); break;
        case 'Q': script(text_of(body)); break;
        case 'c': end_copy(); break;
        case 'f': give_copy_up(); break;
        case 'd':
        case 'H':
        case 'X': break;
        default: throw std::logic_error{"the driver sent a message that this server does not know"};
        }
        return std::move(out_);
    }

private:
    struct portal {
        std::string sql;
        std::size_t given = 0;
    };

    static std::string text_of(std::string_view body) { return std::string{body.substr(0, body.find('\0'))}; }

    /// False where the error went out in its place.
    bool send(char because, const std::string& message)
    {
        if (skipping_)
            return false;
        if (sent_++ == at_) {
            refused_ = about_;
            refused_type_ = because;
            refuse(said_);
            return false;
        }
        out_ += message;
        return true;
    }

    void refuse(const backend::fields& why)
    {
        out_ += backend::error(why);
        skipping_ = true;
        if (status_ != 'I')
            status_ = 'E';
        if (copying_)
            copying_ = false;
    }

    /// A failed transaction takes nothing but its end.
    bool is_refused(const std::string& sql)
    {
        if (status_ != 'E' || sql.starts_with("ROLLBACK") || sql.starts_with("COMMIT"))
            return false;
        refuse({{'S', "ERROR"}, {'V', "ERROR"}, {'C', "25P02"}, {'M', "current transaction is aborted"}});
        return true;
    }

    const answer& known(const std::string& sql)
    {
        static const answer command;
        const auto found = knows_.find(sql);
        return found == knows_.end() ? command : found->second;
    }

    void parse(std::string_view body)
    {
        const std::string name = text_of(body);
        about_ = text_of(body.substr(name.size() + 1));
        if (!is_refused(about_) && send('P', backend::parse_complete()))
            statements_[name] = about_;
    }

    void describe(const std::string& sql)
    {
        about_ = sql;
        const answer& what = known(sql);
        if (!send('D', backend::parameter_description(what.parameters)))
            return;
        send('D', what.columns.empty() ? backend::no_data() : backend::row_description(what.columns));
    }

    void bind(std::string_view body)
    {
        const std::string name = text_of(body);
        about_ = statements_.at(text_of(body.substr(name.size() + 1)));
        if (!is_refused(about_) && send('B', backend::bind_complete()))
            portals_[name] = {about_, 0};
    }

    void execute(std::string_view body)
    {
        const std::string name = text_of(body);
        portal& of = portals_.at(name);
        about_ = of.sql;
        const answer& what = known(of.sql);
        const auto limit = static_cast<std::size_t>(static_cast<unsigned char>(body.back())); // small ones only
        if (what.copies_in) {
            copying_ = send(
                'E', backend::copy_in(what.copy_columns == 0 ? 2 : what.copy_columns, what.copy_columns == 0 ? 0 : 1));
            return;
        }
        if (!what.copies_out.empty()) {
            send_copy(what);
            return;
        }
        for (std::size_t count = 0; of.given < what.rows.size(); ++of.given, ++count) {
            if (limit != 0 && count == limit) {
                send('E', backend::portal_suspended());
                return;
            }
            if (!send('E', backend::data_row(what.rows[of.given])))
                return;
        }
        complete('E', of.sql);
    }

    void send_copy(const answer& what)
    {
        const int format = what.copy_columns == 0 ? 0 : 1;
        if (!send('E', backend::copy_out(format == 0 ? 2 : what.copy_columns, format)))
            return;
        for (const std::string& each : what.copies_out)
            if (!send('E', backend::copy_data(each)))
                return;
        if (send('E', backend::copy_done()))
            complete('E', about_);
    }

    void end_copy()
    {
        if (std::exchange(copying_, false))
            complete('c', about_);
    }

    void give_copy_up()
    {
        if (copying_)
            refuse({{'S', "ERROR"}, {'V', "ERROR"}, {'C', "57014"}, {'M', "COPY from stdin failed"}});
    }

    void complete(char because, const std::string& sql)
    {
        std::string tag = known(sql).tag;
        if (tag.empty())
            tag = sql.substr(0, sql.find(' '));
        const bool ends = sql == "COMMIT" || sql == "ROLLBACK";
        if (status_ == 'E' && sql == "COMMIT")
            tag = "ROLLBACK";
        if (!send(because, backend::complete(tag)))
            return;
        if (sql == "BEGIN")
            status_ = 'T';
        else if (ends)
            status_ = 'I';
        else if (sql.starts_with("ROLLBACK TO"))
            status_ = 'T';
    }

    void sync()
    {
        // What is refused here is the end of the implicit transaction.
        if (!skipping_)
            send('S', {});
        skipping_ = false;
        out_ += backend::ready(status_);
        if (status_ == 'I')
            portals_.clear();
    }

    void script(const std::string& all)
    {
        for (std::size_t begin = 0; begin < all.size() && !skipping_;) {
            const std::size_t end = std::min(all.find("; ", begin), all.size());
            about_ = all.substr(begin, end - begin);
            if (!is_refused(about_)) {
                const bool was_commit = about_ == "COMMIT";
                complete('Q', about_);
                if (skipping_ && was_commit)
                    status_ = 'I';
            }
            begin = end + 2;
        }
        skipping_ = false;
        out_ += backend::ready(status_);
    }

    std::map<std::string, answer> knows_;
    std::size_t at_;
    backend::fields said_;
    std::size_t sent_ = 0;
    std::string refused_;
    char refused_type_ = 0;

    std::string out_;
    std::string about_; ///< The statement that the message at hand is about.
    std::map<std::string, std::string> statements_;
    std::map<std::string, portal> portals_;
    char status_ = 'I';
    bool skipping_ = false; ///< Behind an error, up to the Sync.
    bool copying_ = false;
};

} // namespace tusk::test

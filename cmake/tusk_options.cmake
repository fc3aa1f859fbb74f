# Compiler settings of this tree. They are set for directories, not for targets: so they reach the libraries, the tests
# and the targets that CMake generates to verify headers, and never a project that includes tusk.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

if(PROJECT_IS_TOP_LEVEL)
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
    add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        # g++ 12 takes the frame allocator of Asio's coroutines for a mismatched pair.
        add_compile_options(-Wno-mismatched-new-delete)
    endif()

    # ccache needs to be told that a precompiled header may be trusted; the compiler checks that it fits. Paths count from
    # this tree, so that another checkout of it (a worktree, a clean clone) finds what this one has compiled.
    find_program(TUSK_CCACHE ccache)
    if(TUSK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
        set(CMAKE_CXX_COMPILER_LAUNCHER
            "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros" "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}"
            CCACHE_NOHASHDIR=1 "${TUSK_CCACHE}")
        if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
            # Otherwise the header's time stamp is part of it and nothing that uses it is ever found in the cache.
            set(TUSK_PCH_OPTIONS "SHELL:-Xclang -fno-pch-timestamp")
        else()
            set(TUSK_PCH_OPTIONS -fpch-preprocess)
        endif()
    endif()
endif()

if(TUSK_WERROR)
    add_compile_options(-Werror)
endif()

if(TUSK_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "TUSK_FUZZ needs clang: libFuzzer is part of it. Use the preset 'fuzz'.")
    endif()
    # Everything is instrumented; only the fuzz targets link libFuzzer's main.
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(TUSK_SANITIZE)
    add_compile_options(-fsanitize=${TUSK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${TUSK_SANITIZE})
endif()

# CMake makes a system header of everything that is precompiled, and so would silence the warnings of our own templates.
set(CMAKE_PCH_PROLOGUE "")

# tusk_use_pch(target [headers...]): precompiles Asio, {fmt} and the standard headers that most sources share, and the
# given headers: those of the layers below, which take the compilers longer to read than most sources take to compile.
# Headers are verified, and the release build is made, without it, so it cannot hide a missing include.
function(tusk_use_pch target)
    if(NOT TUSK_PCH)
        return()
    endif()
    target_precompile_headers(${target} PRIVATE
        <asio.hpp> <fmt/format.h>
        <algorithm> <array> <chrono> <cstddef> <cstdint> <exception> <functional> <memory> <optional> <span> <string>
        <string_view> <tuple> <unordered_map> <utility> <variant> <vector> ${ARGN})
    target_compile_options(${target} PRIVATE ${TUSK_PCH_OPTIONS})
endfunction()

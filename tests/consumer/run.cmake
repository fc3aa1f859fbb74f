# Builds and runs one consumer: KIND is find_package (installs BUILD_DIR first) or add_subdirectory.
cmake_minimum_required(VERSION 3.25)

# Nothing of an earlier run may help this one.
file(REMOVE_RECURSE "${WORK_DIR}")
set(consumer "${SOURCE_DIR}/tests/consumer/${KIND}")
set(prefix "${WORK_DIR}/prefix")
# A list, which an argument would not survive.
set(ENV{CMAKE_CXX_COMPILER_LAUNCHER} "${LAUNCHER}")
# Nobody debugs these programs, and half of the time goes into the symbols.
set(configure "${CMAKE_COMMAND}" -S "${consumer}" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g0")

if(KIND STREQUAL "find_package")
    execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${prefix}"
        OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    list(APPEND configure "-DCMAKE_PREFIX_PATH=${prefix}")

    # A component that is not there has to be refused, and by name.
    execute_process(COMMAND ${configure} -B "${WORK_DIR}/refused" -DCOMPONENT=nonsense
        RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE output)
    if(status EQUAL 0 OR NOT output MATCHES "no component 'nonsense'")
        message(FATAL_ERROR "find_package(tusk COMPONENTS nonsense) was not refused by name:\n${output}")
    endif()
else()
    list(APPEND configure "-DTUSK_DIR=${SOURCE_DIR}")
endif()

execute_process(COMMAND ${configure} -B "${WORK_DIR}/build" COMMAND_ERROR_IS_FATAL ANY)
# Only what the consumer asks for: the other layers are none of its business.
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK_DIR}/build" --parallel --target consumer
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK_DIR}/build/consumer" OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
if(NOT output MATCHES "localhost.*example")
    message(FATAL_ERROR "the consumer printed something else than its options:\n${output}")
endif()

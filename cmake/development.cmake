# SPDX-License-Identifier: BSL-1.0
# What the project's own tests, benchmarks and programs are built with. Users of the library get
# none of this.

include_guard(GLOBAL)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_CXX_EXTENSIONS OFF)

option(BACKENDS_WARNINGS_AS_ERRORS "Warnings stop the build of the project's own targets" ON)
option(BACKENDS_TEST_VARIANTS
    "Some tests also without vectors, with wider ones, and under the memory sanitizer" ON)
option(BACKENDS_PRECOMPILE_CATCH "Read Catch2 and the standard library once, not in every test" OFF)

# Compiling dominates every run of the tests, so reuse what an earlier run compiled.
find_program(BACKENDS_CCACHE ccache)
mark_as_advanced(BACKENDS_CCACHE)
if(BACKENDS_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${BACKENDS_CCACHE})
endif()

# For every target of this directory and below, and for the headers compiled one by one (target
# all_verify_interface_header_sets). Users who take the sources in compile the headers with warnings
# of their own: these are the ones that are met often, and consumer.strict_parent makes errors of
# all.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wdouble-promotion
    -Wshadow -Wold-style-cast -Wcast-qual -Wcast-align -Wnon-virtual-dtor -Woverloaded-virtual
    -Wundef -Wextra-semi -Wredundant-decls)
if(BACKENDS_WARNINGS_AS_ERRORS)
    # These three are told of tests and programs, and stop nothing there; of headers they do, see
    # above.
    add_compile_options(-Werror -Wno-error=sign-conversion -Wno-error=double-promotion
        -Wno-error=shadow)
endif()

# The headers serve with Boost 1.74; the receiver that tests and programs bring along does not.
if(Boost_VERSION VERSION_LESS 1.81)
    message(FATAL_ERROR
        "The tests, programs and benchmarks need Boost 1.81 (Debian 12: libboost1.81-dev). "
        "To install the library: cmake -D BACKENDS_BUILD_TESTS=OFF -D BACKENDS_BUILD_EXAMPLES=OFF "
        "-D BACKENDS_BUILD_BENCHMARKS=OFF")
endif()

if(BACKENDS_BUILD_TESTS)
    # Version 2.13 and version 3 both serve; Catch2_DIR or CMAKE_PREFIX_PATH picks one of several.
    find_package(Catch2 QUIET)
    if(NOT Catch2_FOUND OR Catch2_VERSION VERSION_LESS 2.13)
        message(FATAL_ERROR
            "The tests need Catch2 2.13 or newer (Debian, Ubuntu: apt install catch2). "
            "To install the library or build the programs without tests: "
            "cmake -D BACKENDS_BUILD_TESTS=OFF")
    endif()
    # A filter that selects nothing is a mistake, not a success; version 3 knows that by itself.
    if(Catch2_VERSION VERSION_LESS 3)
        set(BACKENDS_CATCH_OPTIONS --warn NoTests)
    endif()
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()

# backends_add_subdirectories(folder...): adds those that have a CMakeLists.txt.
function(backends_add_subdirectories)
    foreach(folder IN LISTS ARGN)
        file(GLOB found CONFIGURE_DEPENDS ${folder}/CMakeLists.txt)
        if(found)
            add_subdirectory(${folder})
        endif()
    endforeach()
endfunction()

# backends_add_program(name source...): an executable in build/<preset>/bin.
function(backends_add_program name)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE backends::backends)
endfunction()

# Puts test `name` under the labels, and the program it runs under the targets tests_<label>, so
# that one kind of test can be built alone.
function(backends_label_test name program)
    set_property(TEST ${name} APPEND PROPERTY LABELS ${ARGN})
    foreach(label IN LISTS ARGN)
        if(NOT TARGET tests_${label})
            add_custom_target(tests_${label})
        endif()
        if(program)
            add_dependencies(tests_${label} ${program})
        endif()
    endforeach()
endfunction()

# What every test includes, precompiled for target `name`. Each set of compile options has its own.
function(backends_precompile_catch name)
    get_directory_property(options COMPILE_OPTIONS)
    string(MD5 key "${options}")
    set(precompiled catch_${key})
    if(NOT TARGET ${precompiled})
        file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${precompiled}.cpp CONTENT "")
        add_library(${precompiled} OBJECT ${PROJECT_BINARY_DIR}/${precompiled}.cpp)
        target_link_libraries(${precompiled} PRIVATE backends::backends Catch2::Catch2)
        target_precompile_headers(${precompiled} PRIVATE ${PROJECT_SOURCE_DIR}/test/catch.hpp
            <algorithm> <array> <map> <memory> <mutex> <optional> <random> <span> <string> <thread>
            <vector>)
    endif()
    target_precompile_headers(${name} REUSE_FROM ${precompiled})
endfunction()

# backends_add_test(name source... [LABELS label...]): one Catch2 program of all the sources, and
# one ctest per source, `name.source`, which runs that file's test cases. The first label is the
# part of the name before the first underscore: unit_storage is labelled unit. Tests that start
# threads get LABELS threads: these run under the thread sanitizer.
function(backends_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LABELS;LIBRARIES")
    backends_add_program(${name} ${arg_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
    target_link_libraries(${name} PRIVATE Catch2::Catch2WithMain ${arg_LIBRARIES})
    if(BACKENDS_PRECOMPILE_CATCH)
        backends_precompile_catch(${name})
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        # "text" + string warns wrongly there (GCC bug 105651). Programs keep the warning, so that
        # the headers do not bring it to users.
        target_compile_options(${name} PRIVATE -Wno-restrict)
    endif()
    string(REGEX MATCH "^[^_]+" label ${name})
    foreach(source IN LISTS arg_UNPARSED_ARGUMENTS)
        cmake_path(GET source STEM LAST_ONLY stem)
        add_test(NAME ${name}.${stem}
            COMMAND ${name} --filenames-as-tags "[#${stem}]" ${BACKENDS_CATCH_OPTIONS})
        set_tests_properties(${name}.${stem} PROPERTIES TIMEOUT 300)
        backends_label_test(${name}.${stem} ${name} ${label} ${arg_LABELS})
    endforeach()
endfunction()

# backends_add_portable_test(name source...): the same tests without vectors.
function(backends_add_portable_test name)
    if(BACKENDS_TEST_VARIANTS)
        backends_add_test(${name} ${ARGN})
        target_compile_definitions(${name} PRIVATE BACKENDS_PORTABLE_ONLY)
    endif()
endfunction()

# backends_add_static_test(name source...): compiling is passing. The sources are linked into one
# program, which finds definitions that two translation units cannot share.
function(backends_add_static_test name)
    backends_add_program(${name} ${ARGN} ${PROJECT_SOURCE_DIR}/test/static/main.cpp)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
    add_test(NAME ${name} COMMAND ${name})
    backends_label_test(${name} ${name} static)
endfunction()

# For tests that call a compiler themselves: BACKENDS_COMPILERS, g++ and clang++ as far as they are
# installed, and BACKENDS_INCLUDE_OPTIONS.
function(backends_find_compilers)
    find_program(BACKENDS_GXX g++)
    find_program(BACKENDS_CLANGXX clang++)
    mark_as_advanced(BACKENDS_GXX BACKENDS_CLANGXX)
    set(compilers ${BACKENDS_GXX} ${BACKENDS_CLANGXX})
    list(FILTER compilers EXCLUDE REGEX "NOTFOUND")
    set(BACKENDS_COMPILERS ${compilers} PARENT_SCOPE)

    # Naming a folder that compilers search anyway would change the order of their search.
    get_target_property(boost_folder Boost::headers INTERFACE_INCLUDE_DIRECTORIES)
    set(options -I ${PROJECT_SOURCE_DIR}/include)
    if(NOT boost_folder IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
        list(APPEND options -isystem ${boost_folder})
    endif()
    set(BACKENDS_INCLUDE_OPTIONS ${options} PARENT_SCOPE)
endfunction()

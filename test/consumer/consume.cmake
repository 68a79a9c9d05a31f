# SPDX-License-Identifier: BSL-1.0
# Installs the library where the consumer looks for it, then configures, builds and runs the
# consumer.
function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${work_dir})
set(prefix ${work_dir}/prefix)
if(way MATCHES "^(find_package|pkg_config)$")
    run(${CMAKE_COMMAND} --install ${build_dir} --prefix ${prefix})
    file(GLOB_RECURSE licences ${prefix}/*/LICENSE)
    if(NOT licences)
        message(FATAL_ERROR "no licence is installed")
    endif()
endif()

if(way STREQUAL pkg_config)
    find_program(pkg_config pkg-config)
    if(NOT pkg_config)
        message("pkg-config is missing")
        return()
    endif()
    execute_process(
        COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${prefix}/share/pkgconfig
            ${pkg_config} --cflags --libs "backends >= 0.1"
        OUTPUT_VARIABLE options OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    separate_arguments(options)
    run(${launcher} ${compiler} -std=c++20 -c ${CMAKE_CURRENT_LIST_DIR}/consumer.cpp ${options}
        -o ${work_dir}/consumer.o)
    run(${compiler} ${work_dir}/consumer.o ${options} -o ${work_dir}/consumer)
    run(${work_dir}/consumer)
    return()
endif()

if(way STREQUAL without_catch2)
    run(${CMAKE_COMMAND} -S ${source_dir} -B ${work_dir}/build -G ${generator}
        -D CMAKE_CXX_COMPILER=${compiler} -D Boost_DIR=${boost_dir}
        -D CMAKE_DISABLE_FIND_PACKAGE_Catch2=ON)
    return()
endif()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${way} -B ${work_dir}/build -G ${generator}
    -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_CXX_COMPILER_LAUNCHER=${launcher}
    -D CMAKE_PREFIX_PATH=${prefix} -D Boost_DIR=${boost_dir}
    -D backends_source_dir=${source_dir})
run(${CMAKE_COMMAND} --build ${work_dir}/build)
run(${work_dir}/build/consumer)

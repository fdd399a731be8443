/* The records of a ZIP, by APPNOTE 6.3.10, 4.3; numbers are little-endian. */
#ifndef SP_PACKAGE_ZIP_LAYOUT_H
#define SP_PACKAGE_ZIP_LAYOUT_H

#include <stdint.h>

#define SP_ZIP_LOCAL      0x04034b50u /* 4.3.7 */
#define SP_ZIP_DESCRIPTOR 0x08074b50u /* 4.3.9 */
#define SP_ZIP_CENTRAL    0x02014b50u /* 4.3.12 */
#define SP_ZIP_END        0x06054b50u /* 4.3.16 */
#define SP_ZIP_END64      0x06064b50u /* 4.3.14 */
#define SP_ZIP_LOCATOR64  0x07064b50u /* 4.3.15 */

#define SP_ZIP_LOCAL_BYTES     30
#define SP_ZIP_CENTRAL_BYTES   46
#define SP_ZIP_END_BYTES       22
#define SP_ZIP_END64_BYTES     56
#define SP_ZIP_LOCATOR64_BYTES 20

/* The value that says: look into the zip64 record. */
#define SP_ZIP_MAX16 0xffffu
#define SP_ZIP_MAX32 0xffffffffu

#define SP_ZIP_FLAG_ENCRYPTED  0x2041u /* bits 0, 6 and 13 */
#define SP_ZIP_FLAG_LEVEL      0x0006u
#define SP_ZIP_FLAG_DESCRIPTOR 0x0008u
#define SP_ZIP_FLAG_UTF8       0x0800u

static inline uint16_t sp_zip_16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t sp_zip_32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t sp_zip_64(const unsigned char *p)
{
	return sp_zip_32(p) | (uint64_t)sp_zip_32(p + 4) << 32;
}

#endif

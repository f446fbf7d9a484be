"""The words `vagueness` knows, as data. No database, no logic.

What is vague is a small closed vocabulary: judgements of character, degrees, and calls to do better. What was seen is
open; of it the lists name the traces it leaves: acts, things one can point at, moments of a working day.
"""

from collections.abc import Mapping

# Expressions by the competency (its standard key) the writer probably has in mind; "" where they hint at none.
VAGUE_ZH: Mapping[str, str] = {
    "collaboration": """
        沟通能力 沟通协调 加强沟通 多沟通 沟通不足 沟通不畅 善于沟通 沟通顺畅 沟通方式 沟通技巧 沟通 协调能力
        协作能力 协作精神 加强协作 多协作 协作意识 配合度 配合良好 积极配合 配合默契 密切配合 加强配合 配合
        团队意识 团队精神 团队合作 团队协作 团队观念 合作意识 合作精神 合作愉快 好合作 团结同志 团结同事 团结协作
        团结友爱 团结 融入了团队 融入团队 融入集体 集体意识 集体荣誉感 大局观 大局意识 顾全大局 全局观 全局意识
        格局 人际关系 人缘 相处融洽 和同事相处 关系融洽 与人为善 乐于助人 热心助人 互帮互助 互相帮助 换位思考
        协同意识 协同能力 打成一片 方式方法 情商 凝聚力 补位意识 本位主义 步调一致 带动作用 跨部门意识
    """,
    "quality": """
        质量意识 品质意识 安全意识 规矩意识 流程意识 细节意识 细节不够到位 注重细节 关注细节 细节把控 细节的把控
        细节方面 细节 不够细心 不够细致 不够严谨 认真细致 认真细心 认真仔细 细心 细致 仔细 严谨 精益求精 一丝不苟
        粗心大意 粗心 马虎 毛躁 浮躁 严格要求 高标准 高质量 保质保量 质量过硬 做工精细 规范意识 规范操作 标准意识
        工匠精神
    """,
    "ownership": """
        责任心 责任感 责任意识 责任担当 有担当 敢担当 勇于担当 勇挑重担 敢于担责 敢抓敢管 担当作为 担当精神 担当
        主人翁 主人翁意识 执行力 执行能力 执行到位 不够主动 积极主动 主动性 主动积极 工作主动 主动一些 主动一点
        更主动 能动性 积极性 工作积极 态度积极 态度端正 态度认真 工作态度 态度 认真负责 尽职尽责 尽心尽力 尽心尽责
        恪尽职守 兢兢业业 勤勤恳恳 任劳任怨 吃苦耐劳 埋头苦干 脚踏实地 踏实肯干 踏实稳重 踏实 爱岗敬业 敬业
        敬业精神 勤奋 勤恳 努力工作 肯干 肯吃苦 抗压能力 抗压 不怕困难 不怕苦 不畏困难 迎难而上 不退缩 知难而进
        攻坚克难 拼搏 奋斗 服从安排 服从管理 服从 听从安排 任务意识 效率有待 效率较高 效率比较高 效率高 效率低
        工作效率 办事效率 时间观念 时间管理 拖拉 拖沓 懒散 散漫 反应速度 雷厉风行 按时完成 圆满完成 较好完成
        较好地完成 顺利完成 出色完成 完成了工作 完成工作 完成任务 完成各项 完成情况 按要求完成 任务完成 交给的
        交办的 各项工作任务 各项工作 各项任务 工作任务 本职工作 做好本职 岗位职责 岗位的要求 岗位要求 应有的贡献
        工作作风 作风扎实 作风 纪律性 纪律 上进心 进取心 事业心 使命感 自觉性 自律 靠谱 可靠 让人放心 很放心 放心
        值得信赖 信得过 目标感 目标意识 风险意识 危机意识 结果导向
    """,
    "customer": """
        服务意识 服务态度 服务水平 服务精神 服务质量 客户意识 客户思维 客户导向 客户至上 用户思维 客户满意 客户认可
        客户好评 响应及时 响应速度 热情周到 待人热情 热情 耐心 亲和力
    """,
    "improvement": """
        创新不足 创新意识 创新能力 创新精神 创新思维 缺乏创新 创新 思路开阔 思路可以 思路清晰 思路 思维 眼界 视野
        学习能力 善于学习 爱学习 好学 多学习 要学习 加强学习 主动学习 学习态度 虚心学习 虚心 谦虚 谦逊 悟性
        适应能力 领悟能力 理解能力 分析能力 逻辑能力 表达能力 动手能力 组织能力 管理能力 领导能力 领导力
        解决问题的能力 解决问题能力 业务能力 专业能力 专业水平 专业知识 专业性 专业素养 业务水平 业务素质 技术水平
        技术过硬 技能水平 综合能力 综合素质 个人能力 工作能力 办事能力 能力突出 能力强 能力较强 能力不足 能力 素质
        素养 潜力 数据意识 数据思维 改善意识 经验丰富 经验不足 有经验 缺乏经验 工作经验 历练 磨炼 锻炼 成长
        进步很大 进步明显 进步 未来可期 前途 潜质 总结经验 举一反三 查漏补缺 取长补短 开阔
    """,
    "": """
        积极参加 上级领导 表现良好 表现优秀 表现突出 表现优异 表现稳定 表现不错 表现出色 表现一般 表现尚可 表现平平
        表现欠佳 工作表现 整体表现 总体表现 综合表现 表现得 表现 良好 优秀 优异 出色 突出 杰出 卓越 不错 很好 挺好
        较好 做得好 做得很好 做得不错 做得更好 干得好 干得不错 好样的 很棒 真棒 点赞 给力 厉害 可圈可点 值得表扬
        值得肯定 值得学习 值得鼓励 值得推荐 表扬 肯定 认可 公认 好评 称赞 学习的榜样 榜样 表率 模范 标杆 带头作用
        模范带头 骨干 中坚力量 左膀右臂 得力助手 整体还行 还行 还可以 还好 尚可 一般 一般般 凑合 过得去 马马虎虎
        中规中矩 差不多 没有什么问题 没什么问题 没有问题 没有大问题 没问题 无明显问题 没啥问题 不够好 不太好 不理想
        不到位 不够到位 欠缺 欠佳 较差 差距 不足之处 不足 优点明显 优点 缺点 优缺点 长处 短板 短处 有待提高
        有待提升 有待加强 有待改进 有待改善 有待完善 有待进一步 有待观察 有待 尚需 还需 仍需 需要加强 需要提升
        需要提高 需要改进 需要改善 需加强 需提升 需提高 需改进 需改善 须加强 要加强 要提升 要提高 要改进 要改善
        要重视 高度重视 引起重视 重视起来 要注意 多注意 需注意 多用心 用心 上心 走心 多努力 要努力 再努力 努力
        加把劲 下功夫 下工夫 加油 再接再厉 继续保持 保持 继续努力 继续加油 百尺竿头 更上一层楼 更进一步 再上新台阶
        再创佳绩 更上层楼 进一步提升 进一步提高 进一步加强 进一步改进 进一步完善 进一步观察 进一步 提升空间
        进步空间 改进空间 提升的余地 提高的余地 上升空间 余地 可以再强 可以再高 可以再快 可以更好 可以更快 可以再好
        再强一些 再快一些 再高一点 再高一些 更好一些 更高一些 更强 更快 更高 好一些 再好 希望改进 同上次 符合预期
        达到预期 超出预期 符合要求 达标 合格 称职 胜任 状态不错 状态良好 状态 精神面貌 风貌 面貌 心态 稳重 沉稳
        稳定 成熟 聪明 能干 干练 老练 机灵 善良 正直 为人 性格 品德 人品 总体不错 总体 整体 总的来说 总体来说
        整体来说 各方面 方方面面 一直以来 一如既往 战略意图 贯彻 起到 上级意见 领导交办 领导满意 大家普遍 普遍反映
        印象 深受 好评如潮 获得好评 得到认可 受到好评 有目共睹 当之无愧 名副其实 优秀员工 好员工 好同事 好领导 队伍
        思想 觉悟 境界 作出了 做出了 贡献 付出 成绩 取得了 成果显著 效果明显 效果不错 效果好 有效果 加以 改正
        避免再犯 下不为例 引以为戒 吸取教训 多加注意 更多努力 管理要跟上 跟上 到位 不够 好好 尽量 尽快 抓紧
        继续观察
    """,
}
VAGUE_EN: Mapping[str, str] = {
    "collaboration": (
        "communication|communicate better|team player|teamwork|team spirit|works well with others|"
        "good to work with|easy to work with|collaborative|cooperative|collaborates well|collaboration|"
        "interpersonal"
    ),
    "quality": ("attention to detail|detail-oriented|careful|careless|thorough|quality mindset|sloppy"),
    "ownership": (
        "responsible|responsibility|ownership|proactive|accountable|hard working|hardworking|"
        "hard-working|dedicated|dedication|diligent|reliable|dependable|work ethic|attitude|motivated|"
        "initiative|efficient|efficiency|productive|committed|commitment|execution"
    ),
    "customer": ("customer focus|customer-focused|customer oriented|service mindset|friendly|polite|patient"),
    "improvement": (
        "skilled|skills|talented|knowledgeable|experienced|creative|innovative|innovation|quick learner|"
        "fast learner|learning ability|potential|growth|leadership|capable|competent|professional|"
        "professionalism|problem solving|out of the box"
    ),
    "": (
        "good job|well done|great job|nice job|nice work|good work|great work|keep it up|keep up|"
        "excellent|outstanding|great|good|nice|awesome|amazing|fantastic|wonderful|solid|superb|"
        "impressive|poor|average|okay|ok|fine|satisfactory|meets expectations|exceeds expectations|"
        "needs improvement|needs to improve|should improve|can improve|could be better|could do better|"
        "do better|try harder|work harder|improve|more effort|strive|role model|top performer|"
        "performance|performs well|overall|in general|always|strong|weak|room for improvement|"
        "room to grow|no issues|no comment|same as last time|as above|none|"
        "n/a|lgtm"
    ),
}

# Words that carry nothing either way: taken off before asking whether anything else is left.
FILLERS_ZH = """
    谢谢 感谢 辛苦了 辛苦 各项 活动 领导 上级 期望 工作 方面 事情 问题 情况 时候 日常 当中 过程 平时 本人 自己 同志
    同事 员工 老员工 岗位 部门 公司 单位 人员 新人 大家 别人 我们 你们 他们 今后 以后 未来 最近 近期 今年 去年 全年
    本季度 季度 本月 本期 阶段 期间 能够 可以 应该 希望 建议 需要 要求 继续 比较 较为 非常 十分 特别 相当 有点 有些
    一些 一点 一定 一名 一个 一位 一直 还是 但是 不过 而且 因为 所以 如果 无论 什么 怎么 这个 那个 这样 那样 相比
    存在 作为 对于 关于 通过 进行 加强 提升 提高 改进 改善 完善 注意 重视 带领 带好 做好 做到 做得 干得 很 更 再 还
    也 都 就 要 在 的 了 得 地 着 过 是 有 不 没 多 少 好 大 小 高 低 强 快 慢 能 会 请 把 被 对 和 与 及 等 上 下
    中 内 外 里 你 我 他 她 它 这 那 个 些 点 来 去 到 从 给 让 为 以 并 且 又 只 太 最 挺 真 较 需 应 该 可 想 看
"""
FILLERS_EN = (
    "the|a|an|is|are|was|were|has|have|be|and|or|of|in|to|at|for|with|your|you|his|her|he|she|very|thank you|thanks"
)

# Vague as the whole of a text; inside one they may be part of anything.
WHOLE = "无|暂无|没有|没了|收到|知悉|已阅|略|见上|如上|同上|同意|好的|好|棒|赞|牛|none|n/a|yes|no|ok"

# Acts that somebody has seen, or that did not happen where they should have.
DEEDS_ZH = """
    通知 告知 上报 报告给 汇报给 报修 报班组长 拦下 拦住 拦截 返工 返修 返厂 补单 补签 补发 补填 补录 退回 退货
    拆开 拆解 拆下 贴反 贴错 贴好 贴码 贴标 录入 签字 签收 签核 会签 核对 核算 核实 对账 填写 填报 填错 填了 打电话
    来电 致电 电话 去电 发出 发了 发给 发到 群发 群里 转发 抄送 演示 示范 劝停 停机 停线 停产 停炉 停掉 停下 挑出
    剔除 隔离 复测 复核 复查 复位 复现 测量 测得 测出 抽查 抽检 巡检 巡查 点检 自检 首检 扫码 扫出 登记 盘点 清点
    清理 整理成 整理出 汇总成 做成 写成 写进 写错 写明 手写 没写 写了 写完 画出 画了 翻译 翻成 译成 改成 改为 换成
    换好 换下 换型 换刀 调机 调人 调到 顶岗 顶班 代班 替班 留守 守到 值守 到场 到现场 去现场 现场 连线 拍照 拍下
    承认 道歉 更正 更正版 认领 锁价 谈下 谈判后 说服 访谈 回访 拜访 走访 试跑 试制 试装 试用 验证 试验 报价 报错
    装错 发错 算错 用错 拿错 搬 抬 拧 锯 焊 涂 注脂 注油 打磨 装配 装柜 装车 卸货 发货 送检 送货 送到 领料 领用
    借料 投料 混料 断料 缺料 缺件 短接 报废 拒付 拒收 投诉 索赔 延误 延期 晚了 迟到 早退 缺席 旷工 逾期 超期 超差
    超时 误判 漏 忘记 忘了 遗漏 打断 插话 点名 当众 答复 回复 回信 没回 回了 未回 立项 提交 交了 提了 提报 召集
    召开 主持 开会 约了 拉上 叫上 叫来 叫检验 教会 教了 讲了 讲解 培训了 带教 贴出 挂牌 断电 上锁 关机 开机 重启
    备份 回滚 上线 部署 合并 提测 修好 修复 查出 查到 查了 查清 多查 连查 找到 找出 找来 听出 看出 指出 追溯 锁定
    预警 排查 对照 拆到 砍掉 压了 压缩到 缩短到 降到 升到 提高到 降低到 减到 减少了 增加了 少了 多了 多报 少报 瞒报
    谎报 虚报 涂改 改参数 改了 翻出 转给 交给 递给 垫付 付款 开票 收款 催 签下 丢单 中标 投标 询价 下单 插单 退单
    撤单 排产 换班 接班 交接 让新人 带新人做 面试了 录用 陪 送医 包扎 扶 擦 扫 挪 搬走 归位 打勾 勾选 打卡 缓冲
    设了 加了 加装 拉通 发现 看到 反推 反馈给 协调到 争取到
"""
DEEDS_EN = (
    "sent|emailed|called|phoned|told|notified|informed|reported|escalated|wrote|drafted|typed|drew|"
    "rewrote|corrected|fixed|repaired|replaced|checked|rechecked|tested|measured|inspected|found|spotted|"
    "caught|noticed|stopped|halted|blocked|returned|rejected|shipped|delivered|packed|loaded|unloaded|"
    "labelled|labeled|scanned|logged|recorded|registered|signed|approved|submitted|filed|uploaded|merged|"
    "deployed|reverted|restarted|visited|interviewed|asked|answered|replied|apologised|apologized|"
    "admitted|interrupted|missed|forgot|skipped|overlooked|postponed|arrived|waited|stayed|taught|showed|"
    "demonstrated|trained|explained|scheduled|moved|sorted|counted|reduced|saved|scrapped|reworked|"
    "swapped|built|prepared|presented|shared|posted|invited|refused|booked|ordered|paid|invoiced|"
    "translated|summarised|summarized|documented|did not|didn't"
)

# Things one can point at.
THINGS_ZH = """
    客户 供应商 外包 代理商 甲方 审核 图纸 工单 订单 合同 发票 单证 单据 信用证 提单 报关 退税 结算单 装箱单 送货单
    检验单 整改单 整改计划 点检表 拜访表 清单 表格 台账 看板 周报 月报 日报 报表 邮件 微信群 短信 消息 会议 例会
    早会 评审 澄清会 三方会 复盘会 纪要 行动项 交接本 交接单 卡片 标签 唛头 二维码 条码 工艺文件 作业指导书 说明书
    指引 规范书 条款 方案 提案 模板 样件 样品 首件 来料 原材料 钢材 轴承 套圈 砂轮 油脂 油温 夹具 刀具 模具 工装
    量具 卡尺 千分表 机床 磨床 主轴 沟道 倒角 公差 尺寸 参数 温度 温升 振动 异音 噪声 转速 程序 代码 接口 脚本
    数据库 服务器 系统 软件 版本 缺陷 故障 根因 报警 联锁 防护门 护目镜 安全帽 手套 叉车 仓库 库位 库存 货架 返工架
    料盒 料道 滑道 产线 生产线 装配线 机台 炉料 热处理 淬火 清洗 包装 托盘 物料 零件 备件 螺栓 密封圈 交期 排期
    工时 班产 产量 良率 合格率 通过率 准交率 毛利 回款 应收 预算 报废原因 停机原因 时间线 时间表 对比表 数据 决策人
    竞争对手 对手 展会 招标 候选人 简历 离职 班车 食堂 决策链 小票 药箱 灭火器 隐患 盖板 油池 电柜 线缆 巡检记录
    培训记录
"""
THINGS_EN = (
    "bom|eco|ecn|mes|plm|erp|crm|sap|wms|fmea|spc|ppap|8d|gr&r|plc|drawing|order|invoice|contract|report|"
    "spreadsheet|email|e-mail|ticket|customer|supplier|client|sample|batch|machine|spindle|label|labels|"
    "box|boxes|bearing|bearings|meeting|minutes|checklist|tool|code|bug|release|server|database|template|"
    "prototype|warehouse|pallet|shipment|parts|wheel|gauge|fixture|customs|quote|offer|deadline|slides"
)

# Moments of a working day.
MOMENTS_ZH = """
    昨天 前天 今早 今天上午 今天下午 昨晚 当天 当晚 当场 当日 次日 第二天 第二天一早 隔天 半夜 夜间 深夜 凌晨 夜班
    白班 中班 早班 晚班 午休 下班前 下班后 上班前 开机前 上机前 会前 会后 会上 周末 周一 周二 周三 周四 周五 周六
    周日 上周 上个月 月底 月初 年底盘点 交接班 国庆 春节 五一 中秋 大促 审核那天 冻结后 发货前 出货前 装柜前
    停产期间 交付前
"""
MOMENTS_EN = (
    "yesterday|overnight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|last week|same day|"
    "same evening|that evening|that night|this morning|night shift|day shift|before shipping|"
    "after the meeting"
)

# How things are counted. Of "一" alone with these only: 一些, 一名, 一定 count nothing.
UNITS = (
    "件|个|套|台|片|颗|粒|根|支|只|块|张|份|封|本|条|项|处|批|炉|箱|盒|袋|包|桶|托|车|票|单|笔|家|户|人|名|位|组|班|班组|部门|版|遍|趟|次|"
    "回|轮|步|行|页|字|例|起|点|分|倍|成|折|分钟|小时|个小时|钟头|秒|天|日|个工作日|工作日|周|星期|个月|米|毫米|微米|丝|道|克|千克|公斤|吨|升|度|"
    "元|万元|万|千元|亿|套圈|度数|温度|库位|批次|环节"
)
UNITS_OF_ONE = "次|小时|个小时|分钟|天|周|批|炉|封|票|份|版|遍|趟|轮|箱|笔|单|半|夜|台|件|页|条|套|张"
